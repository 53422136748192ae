// The whole screen, where the browser gives it: not in every frame, and not on every phone.

const ignore = () => {};

/** Take it; during a click or the press of a key. */
export function enterFullscreen() {
  document.documentElement.requestFullscreen?.().catch(ignore);
}

export function leaveFullscreen() {
  if (document.fullscreenElement) document.exitFullscreen().catch(ignore);
}
