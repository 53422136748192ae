import { pixelsOf } from "./image_text.js";
import { keepInTab, keptInTab } from "../tab_storage.js";

/** What stands for a photo in an address, which never holds its pixels; `ui/inspect/view_state.py` reads it. */
export const PHOTO = "photo";
const NAME = "fm-photo";

/**
 * Keep a photo for the page that this tab goes to.
 *
 * @param {string} text its pixels, as `image_text.js` writes them
 */
export const keepPhoto = (text) => keepInTab(NAME, text);

/** The pixels of the photo that this tab has kept; null where it has none. */
export const keptPhoto = () => pixelsOf(keptInTab(NAME) ?? "");
