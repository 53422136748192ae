"""Networks of every kind, drawn by Hypothesis as the dictionaries of specifications."""

from __future__ import annotations

from hypothesis import assume
from hypothesis import strategies as st

from fmnist_core.specs import RunSpec, SpecError, parameter_count, parse_spec

activation = st.sampled_from(["relu", "tanh", "gelu", "sigmoid"])
block = st.fixed_dictionaries(
    {
        "filters": st.sampled_from([1, 6, 32, 256]),
        "kernel": st.sampled_from([1, 3, 5, 7]),
        "convolutions": st.integers(1, 2),
        "padding": st.sampled_from(["same", "valid"]),
        "pooling": st.sampled_from(["max", "average", "strided", "none"]),
        "pool_size": st.integers(2, 4),
        "dropout": st.sampled_from([0.0, 0.25]),
        "batch_norm": st.booleans(),
    }
)
units = st.sampled_from([1, 10, 128, 2048])
networks = st.one_of(
    st.fixed_dictionaries(
        {
            "kind": st.just("cnn"),
            "activation": activation,
            "blocks": st.lists(block, min_size=1, max_size=4),
            "head": st.sampled_from(["dense", "average"]),
            "head_units": st.lists(units, max_size=3),
            "head_dropout": st.sampled_from([0.0, 0.5]),
        }
    ),
    st.fixed_dictionaries(
        {
            "kind": st.just("dense"),
            "activation": activation,
            "units": st.lists(units, min_size=1, max_size=5),
            "dropout": st.sampled_from([0.0, 0.3]),
            "batch_norm": st.booleans(),
        }
    ),
)


def spec_of(network: dict[str, object], most_parameters: int) -> RunSpec:
    """The spec of a drawn network; one that is refused or too large is drawn anew."""
    try:
        spec = parse_spec({"network": network})
    except SpecError:
        assume(False)
    assume(parameter_count(spec) <= most_parameters)
    return spec
