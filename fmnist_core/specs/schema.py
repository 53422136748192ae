"""The pydantic models behind the form, the address bar and every ``run.json``.

Numbers are strict: a boolean, a string or a NaN is refused where a number is meant, although
Keras would take some of them. Titles, explanations, bounds, steps and the words for options are
written here once; the form draws itself from them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    model_validator,
)
from pydantic.fields import FieldInfo

from fmnist_core.dataset import TRAIN_SIZE

MAX_EPOCHS = 200
MAX_FOLD = 99
MAX_SEED = 2**31 - 1


@dataclass(frozen=True)
class FieldDisplay:
    """How the form shows a field.

    Attributes:
        step: what a click on plus or minus changes.
        slider: whether it is set with a slider.
        option_labels: what the options are called; an option without a label is called as it is.
        active_when: the field beside it and its values with which this one has an effect.
        entry_name: what an entry of a list is called.
    """

    step: float = 1
    slider: bool = False
    option_labels: Mapping[str, str] = field(default_factory=dict)
    active_when: tuple[str, tuple[str, ...]] | None = None
    entry_name: str = ""


Activation = Annotated[
    Literal["relu", "tanh", "gelu", "sigmoid"],
    FieldDisplay(
        option_labels={"relu": "ReLU", "tanh": "tanh", "gelu": "GELU", "sigmoid": "Sigmoid"}
    ),
]
Units = Annotated[
    int,
    Field(
        strict=True,
        title="Neurons",
        description="Each neuron weighs all the values before it and answers with one number.",
        ge=1,
        le=2048,
    ),
    FieldDisplay(step=16),
]


class NotAnOption(ValueError):
    """A value that is none of the options of a setting."""


def _refuse_boolean(value: object) -> object:
    # Literal compares with ==, and True == 1.
    if isinstance(value, bool):
        raise NotAnOption("Neither true nor false is an option.")
    return value


Kernel = Annotated[Literal[1, 3, 5, 7], BeforeValidator(_refuse_boolean)]
Share = Annotated[
    float,
    Field(strict=True, ge=0, le=0.9, allow_inf_nan=False),
    FieldDisplay(step=0.05, slider=True),
]


class Spec(BaseModel):
    """The base of all specs: frozen, and refuses unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DenseSpec(Spec):
    """A network of fully connected layers on the 784 pixels of an image."""

    kind: Literal["dense"] = "dense"
    units: Annotated[tuple[Units, ...], FieldDisplay(entry_name="hidden layer")] = Field(
        (128,),
        title="Hidden layers",
        description="How many neurons each hidden layer has, from the picture to the answer.",
        min_length=1,
        max_length=5,
    )
    activation: Activation = Field(
        "relu",
        title="Activation",
        description="The nonlinear function after each layer; without it, many layers would act as "
        "one.",
    )
    dropout: Share = Field(
        0.0,
        title="Dropout",
        description="The share of neurons switched off at random in each training step, "
        "so that none is relied on too much.",
    )
    batch_norm: StrictBool = Field(
        False,
        title="Batch normalisation",
        description="Keeps each layer's values in a steady range, which lets training go faster.",
    )
    l2: Annotated[float, FieldDisplay(step=0.0001)] = Field(
        0.0,
        title="L2 penalty",
        description="A price on large weights, which keeps the network's answers smoother.",
        strict=True,
        ge=0,
        le=0.1,
        allow_inf_nan=False,
    )


class ConvBlock(Spec):
    """One or two convolutions, then a step that makes the feature map smaller."""

    filters: Annotated[StrictInt, FieldDisplay(step=8)] = Field(
        32,
        title="Filters",
        description="How many patterns the block looks for.",
        ge=1,
        le=256,
    )
    kernel: Kernel = Field(
        3,
        title="Kernel size",
        description="The side, in pixels, of the window that slides over the picture.",
    )
    convolutions: StrictInt = Field(
        1,
        title="Convolutions",
        description="How many convolutions follow one another before the map shrinks.",
        ge=1,
        le=2,
    )
    padding: Annotated[
        Literal["same", "valid"],
        FieldDisplay(option_labels={"same": "Same", "valid": "No padding"}),
    ] = Field(
        "same",
        title="Padding",
        description="A blank border keeps the map's size; without one it shrinks.",
    )
    pooling: Annotated[
        Literal["max", "average", "strided", "none"],
        FieldDisplay(
            option_labels={
                "max": "Max pooling",
                "average": "Average pooling",
                "strided": "Stride",
                "none": "No pooling",
            }
        ),
    ] = Field(
        "max",
        title="Pooling",
        description="How the map is made smaller: keep the largest value of each small square, "
        "keep their average, or let the last convolution move on by several "
        "pixels (stride).",
    )
    pool_size: Annotated[
        StrictInt, FieldDisplay(active_when=("pooling", ("max", "average", "strided")))
    ] = Field(
        2,
        title="Pool size or stride",
        description="How many times smaller the map becomes in each direction.",
        ge=2,
        le=4,
    )
    dropout: Share = Field(
        0.0,
        title="Dropout",
        description="The share of values switched off at random after the block, in training only.",
    )
    batch_norm: StrictBool = Field(
        False,
        title="Batch normalisation",
        description="Keeps the block's values in a steady range, which lets training go faster.",
    )


class CnnSpec(Spec):
    """A convolutional network: blocks that look for patterns, then dense layers that decide."""

    kind: Literal["cnn"] = "cnn"
    blocks: Annotated[tuple[ConvBlock, ...], FieldDisplay(entry_name="block")] = Field(
        (ConvBlock(filters=32), ConvBlock(filters=64)),
        title="Blocks",
        description="The convolution blocks, from the picture on.",
        min_length=1,
        max_length=4,
    )
    activation: Activation = Field(
        "relu",
        title="Activation",
        description="The nonlinear function after each layer; without it, many layers would act as "
        "one.",
    )
    head: Annotated[
        Literal["dense", "average"],
        FieldDisplay(option_labels={"dense": "Flatten", "average": "Global average pooling"}),
    ] = Field(
        "dense",
        title="After the blocks",
        description="What goes on from the last maps: flatten takes every value, global average "
        "pooling the mean of each map, which needs far fewer parameters.",
    )
    head_units: Annotated[tuple[Units, ...], FieldDisplay(entry_name="dense layer")] = Field(
        (128,),
        title="Dense layers at the end",
        description="How many neurons each dense layer between the blocks and the answer has. "
        "There may be none.",
        max_length=3,
    )
    head_dropout: Share = Field(
        0.0,
        title="Dropout at the end",
        description="The share of the neurons of these dense layers switched off at random in "
        "each training step.",
    )


Network = Annotated[DenseSpec | CnnSpec, Field(discriminator="kind")]


class TrainingSpec(Spec):
    """How a network is trained: optimizer, schedule, batches, images, augmentation, seed."""

    optimizer: Annotated[
        Literal["adam", "adamw", "sgd", "rmsprop"],
        FieldDisplay(
            option_labels={
                "adam": "Adam",
                "adamw": "AdamW",
                "sgd": "SGD with momentum",
                "rmsprop": "RMSprop",
            }
        ),
    ] = Field(
        "adam",
        title="Optimizer",
        description="The rule that turns the gradient of the loss into a change of the weights.",
    )
    learning_rate: Annotated[float, FieldDisplay(step=0.0005)] = Field(
        0.001,
        title="Learning rate",
        description="How large each change of the weights is: too small learns slowly, "
        "too large never settles.",
        strict=True,
        ge=1e-6,
        le=1.0,
        allow_inf_nan=False,
    )
    momentum: Annotated[float, FieldDisplay(step=0.01, active_when=("optimizer", ("sgd",)))] = (
        Field(
            0.9,
            title="Momentum",
            description="How much of the last step is carried into the next.",
            strict=True,
            ge=0,
            le=0.99,
            allow_inf_nan=False,
        )
    )
    weight_decay: Annotated[
        float, FieldDisplay(step=0.001, active_when=("optimizer", ("adamw",)))
    ] = Field(
        0.004,
        title="Weight decay",
        description="How fast weights shrink that the pictures do not need.",
        strict=True,
        ge=0,
        le=0.5,
        allow_inf_nan=False,
    )
    schedule: Annotated[
        Literal["constant", "cosine", "one_cycle"],
        FieldDisplay(
            option_labels={
                "constant": "Constant",
                "cosine": "Cosine decay",
                "one_cycle": "One cycle",
            }
        ),
    ] = Field(
        "constant",
        title="Learning-rate schedule",
        description="Whether the learning rate stays (constant), fades out (cosine decay), or "
        "rises first and then fades out (one cycle).",
    )
    batch_size: Annotated[StrictInt, FieldDisplay(step=32)] = Field(
        32,
        title="Batch size",
        description="How many pictures the network sees before each change of its weights.",
        ge=1,
        le=8192,
    )
    epochs: StrictInt = Field(
        5,
        title="Epochs",
        description="How many times the network sees all its training pictures.",
        ge=1,
        le=MAX_EPOCHS,
    )
    train_pictures: Annotated[StrictInt, FieldDisplay(step=1_000)] = Field(
        TRAIN_SIZE,
        title="Training pictures, at most",
        description="A smaller number trains faster and shows how much data matters. The "
        "pictures kept for validation come off first.",
        ge=100,
        le=TRAIN_SIZE,
    )
    validation_share: Annotated[float, FieldDisplay(step=0.05, slider=True)] = Field(
        0.1,
        title="Validation share",
        description="The share of the 60,000 training pictures kept aside: the network is tested "
        "on them after each epoch and never trained on them.",
        strict=True,
        ge=0,
        le=0.5,
        allow_inf_nan=False,
    )
    validation_fold: StrictInt = Field(
        0,
        title="Cross-validation part",
        description="Which part is kept aside for validation, counted from 0: a validation share "
        "of 0.1 makes ten parts, 0 to 9. One run a part, and each training picture was judged once "
        "by a network that was not trained on it.",
        ge=0,
        le=MAX_FOLD,
    )
    label_noise: Share = Field(
        0.0,
        title="Label noise",
        description="The share of training labels replaced by a wrong one, to watch a network "
        "memorise mistakes.",
    )
    shift: StrictInt = Field(
        0,
        title="Shift by up to (px)",
        description="Each training picture is moved by up to this many pixels in each direction, "
        "by chance and anew each epoch.",
        ge=0,
        le=4,
    )
    flip: StrictBool = Field(
        False,
        title="Mirror half of them",
        description="Half of the training pictures are mirrored left to right, "
        "another half each epoch.",
    )
    early_stopping_patience: StrictInt = Field(
        0,
        title="Early stopping after (epochs)",
        description="Ends the training after this many epochs without a lower validation loss, "
        "and keeps the network of the best one. 0 trains all epochs and keeps the last one.",
        ge=0,
        le=50,
    )
    seed: StrictInt = Field(
        1,
        title="Seed",
        description="The number that all chance comes from: the same seed on the same machine "
        "gives the same run.",
        ge=0,
        le=MAX_SEED,
    )

    @model_validator(mode="after")
    def _early_stopping_needs_validation(self) -> TrainingSpec:
        if self.early_stopping_patience and self.validation_share == 0:
            raise ValueError(
                "Early stopping watches the validation loss, and without validation pictures there "
                "is none: choose a validation share above 0, or early stopping after 0 epochs."
            )
        return self


def field_display(field: FieldInfo) -> FieldDisplay:
    """How the form shows a field."""
    return next((item for item in field.metadata if isinstance(item, FieldDisplay)), FieldDisplay())


def bounds(field: FieldInfo) -> tuple[Any, Any]:
    """The lowest and highest number of a field, or of a list's entries; ``None`` is no bound."""
    return constraint(field.metadata, "ge", "min_length"), constraint(
        field.metadata, "le", "max_length"
    )


def entry_field(field: FieldInfo) -> FieldInfo:
    """The field of each entry of a list field."""
    return FieldInfo.from_annotation(get_args(field.annotation)[0])


def constraint(metadata: Sequence[Any], *names: str) -> Any:
    """The first of these constraints, such as ``"ge"``, in a field's metadata, or ``None``."""
    values = (getattr(item, name, None) for item in metadata for name in names)
    return next((value for value in values if value is not None), None)
