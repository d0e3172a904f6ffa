"""What does a wing say of its operations? Descriptions that documents, pages and tests are made of."""

from avow.web.operations.operation import (
    Asked,
    ContactId,
    Media,
    Operation,
    Parameter,
    Place,
    Scalar,
    Seconds,
    Told,
)

__all__ = ["Asked", "ContactId", "Media", "Operation", "Parameter", "Place", "Scalar", "Seconds", "Told"]
