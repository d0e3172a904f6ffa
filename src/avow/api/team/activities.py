"""What does Intercom call a change of the rules? The activity type that says it best, and a sentence for people.

- What Intercom has no word for is `security_settings_change`: everything here decides what may be believed.
- A change of the policy is named after the most telling setting that it changed.

Source: contract/intercom-notes.md §1.2; contract/intercom-openapi.yaml, schema `activity_log`.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from avow.flow.contract import OperatorChange

OTHERWISE: Final = "security_settings_change"
_TYPES: Final = {
    "key.add": "messenger_api_secret_creation",
    "key.revoked": "messenger_api_secret_deletion",
    "key.retired": "messenger_api_secret_deletion",
    "key.distrusted": "messenger_api_secret_deletion",
    "access_token.make": "custom_authentication_token_creation",
    "access_token.revoke": "oauth_token_revocation",
    "teammate.invite": "admin_invite_creation",
    "teammate.uninvite": "admin_invite_deletion",
    "teammate.join": "app_admin_join",
    "teammate.role": "admin_permission_change",
    "teammate.remove": "admin_deletion",
    "teammate.password": "admin_password_reset_success",
    "second_factor.on": "admin_two_factor_auth_change",
    "second_factor.off": "admin_two_factor_auth_change",
    "tag.delete": "bulk_delete",
    "people.export": "bulk_export",
    "contact.export": "app_data_export",
}
_OF_POLICY: Final = "policy.set"
"""The one action that is logged with objects. Any other text is somebody's, a tag's name say."""
_POLICY: Final = {
    "messenger_security": "app_identity_verification_change",
    "origins": "trusted_domains_setting_change",
}
_WHAT: Final = {
    "key": "the signing key",
    "access_token": "the access token",
    "attribute": "the attribute",
    "policy": "the policy of the workspace",
    "teammate": "the teammate",
    "second_factor": "the second factor of",
    "tag": "the tag",
    "people": "people,",
    "contact": "the contact",
}
EVENT_TYPES: Final = tuple(sorted({OTHERWISE, *_TYPES.values(), *_POLICY.values()}))


def activity_type(change: OperatorChange) -> str:
    """One of `EVENT_TYPES`."""
    if change.action == _OF_POLICY:
        before, after = _settings(change.before), _settings(change.after)
        return next((kind for name, kind in _POLICY.items() if before.get(name) != after.get(name)), OTHERWISE)
    return _TYPES.get(change.action, OTHERWISE)


def state(change: OperatorChange, text: str) -> dict[str, Any] | None:
    """What was so, as an object: a policy's settings, or one `value`; None where there was nothing."""
    if not text:
        return None
    return _settings(text) if change.action == _OF_POLICY else {"value": text}


def _settings(text: str) -> dict[str, Any]:
    """A policy as it was logged; nothing of what is none."""
    try:
        return msgspec.json.decode(text or "{}", type=dict[str, Any])
    except msgspec.MsgspecError:
        return {}


def description(change: OperatorChange, performer: str) -> str:
    """Who did what, in a sentence. A policy is not read out: its settings stand in the metadata."""
    subject, _, what = change.action.partition(".")
    if what == "export":
        return f"{performer} exported {_WHAT.get(subject, subject)} {change.subject}."
    told = f"{performer} changed {_WHAT.get(subject, subject)} {change.subject} ({what.replace('_', ' ')})"
    if subject == "policy" or not (change.before or change.after):
        return f"{told}."
    return f"{told} from {change.before or 'nothing'} to {change.after or 'nothing'}."
