"""What does a wing say of its operations? Descriptions that documents, pages and tests are made of."""

from avow.web.operations.operation import (
    BY_ITSELF,
    Asked,
    ContactId,
    Exactly,
    Media,
    Operation,
    Parameter,
    Place,
    Scalar,
    Seconds,
    Told,
    together,
)

__all__ = [
    "BY_ITSELF",
    "Asked",
    "ContactId",
    "Exactly",
    "Media",
    "Operation",
    "Parameter",
    "Place",
    "Scalar",
    "Seconds",
    "Told",
    "together",
]
