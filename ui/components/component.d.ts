// The types that the modules of this folder share. The checks alone read this file; browsers get
// the modules as they are.

/** What Streamlit calls the default function of a component with. */
interface ComponentArgument<Data> {
  /** What the Python beside the script hands over. */
  data: Data;
  /** Where the component stands; ours are not isolated, so it is an element of the page. */
  parentElement: HTMLElement;
  setStateValue: SetValue;
  setTriggerValue: SetValue;
}

/** What Streamlit calls when the component has gone; it also waits for one that is promised. */
type CleanUp = (() => void) | void;

/** Tells Python a value; `receive` in acts.py reads what comes as a state. */
type SetValue = (name: string, value: unknown) => void;

/** Something that a visitor did: the state that results, and its place among all acts. */
interface Act {
  count: number;
  value: unknown;
}

type Tell = (name: string, act: Act) => void;

/** What every component that tells of acts is handed: the count of its newest act carried out. */
interface Seen {
  seen: number;
}

/** What such a component remembers: the same, and the count of the newest act it told of. */
interface ActState {
  seen?: number;
  count?: number;
}

/**
 * An element that a script made, with what the script keeps on it, and with the elements that it
 * looks up in it: by the selector, what is there. The browser's own types say of each selector that
 * there may be nothing, and of most no more than that it finds an element.
 */
type Made<Kept, Parts = {}, Kind extends HTMLElement = HTMLDivElement> = {
  querySelector<Selector extends keyof Parts>(selector: Selector): Parts[Selector];
  querySelectorAll<Selector extends keyof Parts>(
    selector: Selector,
  ): NodeListOf<Extract<Parts[Selector], Element>>;
} & Kept &
  Kind;

/** A figure as Plotly's JSON; a part of its layout is a value or holds parts again. */
interface PlotlyFigure {
  data: object[];
  layout: LayoutPart & { meta?: { narrow?: LayoutPart }; height?: number; autosize?: boolean };
}

interface LayoutPart {
  [name: string]: unknown;
}

/** An axis that Plotly has drawn. */
interface PlotlyAxis {
  range: [number, number];
  autorange: boolean;
  /** From a value to pixels. */
  l2p(value: number): number;
}

/** The element that Plotly drew a chart into. */
interface PlotlyElement {
  data?: object[];
  _fullData?: { uid: string }[];
  /** What is shown now, whatever the figure says. */
  _fullLayout?: { xaxis: PlotlyAxis; yaxis: PlotlyAxis };
  layout: { meta: { newest?: number } };
  on(event: "plotly_click", listener: (event: { points: { x: unknown }[] }) => void): void;
  on(event: "plotly_doubleclick", listener: () => void): void;
  removeAllListeners(event: "plotly_click" | "plotly_doubleclick"): void;
}

/** What is used of plotly.js, which comes from the Python package. */
interface PlotlyLibrary {
  react(
    node: HTMLElement,
    data: PlotlyFigure["data"],
    layout: PlotlyFigure["layout"],
    options: object,
  ): Promise<unknown>;
  relayout(node: HTMLElement, changes: object): Promise<unknown>;
  purge(node: HTMLElement): void;
  Plots: { resize(node: HTMLElement): Promise<unknown> };
}

interface Window {
  /** The count of the newest act of this window. */
  fmActs?: number;
  /** What the live channel has told this window; see live_channel.js. */
  fmLive?: import("./live_channel.js").Channel;
  fmLiveWatched?: boolean;
  /** When something was pressed in the live view, as `performance.now()` counts. */
  fmLiveActed?: number;
  fmPrints?: boolean;
  fmWatched?: boolean;
  /** The library while it loads. */
  fmPlotly?: Promise<PlotlyLibrary>;
  Plotly?: PlotlyLibrary;
}
