import { morph } from "./morph.js";

/** @typedef {{ html: string }} Data the drawing: one element */

/** @param {ComponentArgument<Data>} argument */
export default function ({ data, parentElement }) {
  morph(parentElement, data.html);
}
