"""The presets: six networks, each one step further than the one before."""

from __future__ import annotations

from fmnist_core.specs.run import RunSpec
from fmnist_core.specs.schema import CnnSpec, ConvBlock, DenseSpec, TrainingSpec

PRESETS: dict[str, RunSpec] = {
    "Simple network": RunSpec(
        network=DenseSpec(units=(128,)),
        training=TrainingSpec(batch_size=32, epochs=5),
    ),
    "Wide network with dropout": RunSpec(
        network=DenseSpec(units=(512, 256), dropout=0.3),
        training=TrainingSpec(batch_size=64, epochs=10),
    ),
    "LeNet": RunSpec(
        network=CnnSpec(
            blocks=(
                ConvBlock(filters=6, kernel=5, pooling="average"),
                ConvBlock(filters=16, kernel=5, padding="valid", pooling="average"),
            ),
            activation="tanh",
            head_units=(120, 84),
        ),
        training=TrainingSpec(batch_size=64, epochs=10),
    ),
    "CNN with dropout": RunSpec(
        network=CnnSpec(
            blocks=(
                ConvBlock(filters=32, dropout=0.25),
                ConvBlock(filters=64, dropout=0.25),
            ),
            head_units=(128,),
            head_dropout=0.4,
        ),
        training=TrainingSpec(batch_size=64, epochs=10),
    ),
    "Fast CNN": RunSpec(
        network=CnnSpec(
            blocks=(
                ConvBlock(filters=24, pooling="strided", batch_norm=True),
                ConvBlock(filters=48, pooling="strided", batch_norm=True),
                ConvBlock(filters=96, pooling="strided", batch_norm=True, dropout=0.2),
            ),
            head_units=(),
        ),
        training=TrainingSpec(
            optimizer="adamw",
            learning_rate=0.004,
            weight_decay=0.05,
            schedule="one_cycle",
            batch_size=64,
            epochs=10,
            flip=True,
        ),
    ),
    "Best CNN": RunSpec(
        network=CnnSpec(
            blocks=(
                ConvBlock(filters=48, batch_norm=True),
                ConvBlock(filters=96, convolutions=2, batch_norm=True, dropout=0.1),
                ConvBlock(filters=192, convolutions=2, batch_norm=True, dropout=0.2),
            ),
            head_units=(),
        ),
        training=TrainingSpec(
            optimizer="adamw",
            learning_rate=0.003,
            weight_decay=0.05,
            schedule="one_cycle",
            batch_size=64,
            epochs=24,
            flip=True,
            shift=2,
        ),
    ),
}

PRESET_SENTENCES: dict[str, str] = {
    "Simple network": "The classic first step: one hidden layer of 128 neurons reads all 784 "
    "pixels at once.",
    "Wide network with dropout": "More neurons in two layers, and dropout, so that they do not "
    "memorise the training pictures.",
    "LeNet": "The first to use convolutions: small windows that slide over the picture and find "
    "edges and shapes wherever they are.",
    "CNN with dropout": "More filters, max pooling and dropout: it sees more kinds of patterns "
    "and relies on none too much.",
    "Fast CNN": "Strides instead of pooling, batch normalisation, mirrored pictures and a "
    "learning rate that rises and falls (one cycle).",
    "Best CNN": "Goes deeper, two convolutions a block and twice the filters, and trains longer on "
    "pictures that are shifted and mirrored.",
}


def network_name(spec: RunSpec) -> str:
    """A short name for a run: the preset whose network it has, else its layers.

    Examples: ``"Simple network"``, ``"Dense 256-64"``, ``"CNN 16-32"``.
    """
    for name, preset in PRESETS.items():
        if preset.network == spec.network:
            return name
    network = spec.network
    if network.kind == "dense":
        return "Dense " + "-".join(str(units) for units in network.units)
    return "CNN " + "-".join(str(block.filters) for block in network.blocks)
