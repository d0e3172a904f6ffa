"""What is a column called? Like its attribute, unless that name means something else in a file of people.

- Some names are said of a contact and are no attribute, others are told of her and cannot be written. A custom
  attribute that is called like one of them stands as `custom_attributes.NAME`, here and wherever it is read again.

Source: contract/intercom-notes.md §4.3; spec §2.
"""

from __future__ import annotations

from typing import Final

CUSTOM: Final = "custom_attributes"
FIELDS: Final = frozenset({"id", "external_id", "role", "email_verified", "last_seen_at"})
"""What may be said of somebody that is no attribute."""
_DEVICES: Final = ("app_name", "app_version", "device", "os_version", "sdk_version", "last_seen_at")
READ_OVER: Final = frozenset(
    "type workspace_id email_domain social_profiles has_hard_bounced marked_email_as_spam created_at updated_at "
    "last_replied_at last_contacted_at last_email_opened_at last_email_clicked_at browser browser_version "
    "browser_language os location enabled_push_messaging merge_history receipt tags notes companies segments "
    "opted_out_subscription_types opted_in_subscription_types archived blocked provenance".split()
).union(f"{system}_{name}" for system in ("android", "ios") for name in _DEVICES)
"""Names of a contact's answer, or of an export, that nothing can be written to."""


def column_of(custom: str) -> str:
    """What the column of a custom attribute is called."""
    return f"{CUSTOM}.{custom}" if custom in FIELDS or custom in READ_OVER else custom
