"""How long a network takes to answer in the browser: `make bench-network` measures it in Chromium.

For each preset: the median time of one answer on real test pictures, beside a loop of as many bare
multiply-adds as the network has, in turns on the same page. Times are of this machine in this hour;
the ratio is what can be compared. Zeros are not multiplied, so the weights are those of a network
that was trained, if only for one epoch on a few pictures.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT / place) for place in ("tests/support", "")]

from chromium_options import chromium_arguments, chromium_path  # noqa: E402
from network_site import NetworkSite, pixels_of, trained_network  # noqa: E402

from fmnist_core.dataset import load  # noqa: E402
from fmnist_core.export.network_bytes import network_bytes  # noqa: E402
from fmnist_core.presets import PRESETS  # noqa: E402
from fmnist_core.specs import layer_shapes  # noqa: E402
from fmnist_core.training.state import weights_of  # noqa: E402

TRAIN_IMAGES = 3_000
IMAGES = 100
# In milliseconds, at the median.
AIMS = {"Simple network": 0.3, "Fast CNN": 3.0, "Best CNN": 80.0}


def main() -> None:
    """Print a row a preset."""
    data = load()
    pixels = pixels_of(np.asarray(data.test_images[:IMAGES]))
    print(f"Weights of one epoch on {TRAIN_IMAGES:,} pictures; {IMAGES} test pictures.")
    print(
        f"{'preset':<28}{'multiply-adds':>14}{'one answer':>13}{'bare loop':>13}{'ratio':>8}"
        f"{'aim':>10}"
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=chromium_arguments()
        )
        try:
            site = NetworkSite(browser.new_page())
            for preset, spec in PRESETS.items():
                model = trained_network(spec, data, TRAIN_IMAGES)
                site.content = network_bytes(spec, weights_of(model))
                answer_ms, bare_ms = site.run("times", pixels)
                multiply_adds = sum(layer.multiply_adds for layer in layer_shapes(spec))
                aim = f"{AIMS[preset]:.1f} ms" if preset in AIMS else ""
                print(
                    f"{preset:<28}{multiply_adds:>14,}{answer_ms:>10.3f} ms{bare_ms:>10.3f} ms"
                    f"{answer_ms / bare_ms:>8.2f}{aim:>10}",
                    flush=True,
                )
        finally:
            browser.close()


if __name__ == "__main__":
    main()
