"""What may be believed in one workspace right now: its settings, attributes and keys, of one version.

Rules are read in the transaction that writes (spec §2, the exact lock); whoever holds a `Rules` knows which version
it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from avow.trust.access import AccessToken
from avow.trust.attribute import MAX_ACTIVE, MAX_PROVISIONAL, STANDARD, Attribute
from avow.trust.contact import WorkspaceId
from avow.trust.keys import Keyring
from avow.trust.policy import Policy
from avow.trust.weighing.names import ALIASES, RESERVED, fold


@dataclass(frozen=True, slots=True)
class Rules:
    """One version of a workspace's rules.

    `attributes` holds every attribute by name, standard ones included; `messenger_names` those that a page or a
    token can name, under every plain spelling; `folded` the taken names in the form in which they must differ,
    `vouched_folded` those of them that more than strangers have used. `filters` are the attributes of which an index is
    kept.
    """

    version: int
    workspace_id: WorkspaceId
    policy: Policy
    attributes: dict[str, Attribute]
    messenger_names: dict[str, Attribute]
    folded: dict[str, str]
    vouched_folded: dict[str, str]
    keyring: Keyring
    access_tokens: dict[str, AccessToken]
    filters: tuple[Attribute, ...] = ()

    @classmethod
    def of(
        cls,
        version: int,
        workspace_id: WorkspaceId,
        policy: Policy,
        attributes: Iterable[Attribute],
        keyring: Keyring,
        access_tokens: Iterable[AccessToken] = (),
        filters: Iterable[int] = (),
    ) -> Rules:
        """Join the stored rows with the standard attributes, which every workspace has."""
        everything = STANDARD | {attribute.name: attribute for attribute in attributes}
        kept = frozenset(filters)
        return cls(
            version,
            workspace_id,
            policy,
            everything,
            _messenger_names(everything),
            _folded(everything.values()),
            _folded(one for one in everything.values() if not one.provisional),
            keyring,
            {token.digest: token for token in access_tokens},
            tuple(one for one in everything.values() if one.id in kept) if kept else (),
        )

    def having(self, attribute: Attribute) -> Rules:
        """These rules with one attribute new or changed."""
        everything = self.attributes | {attribute.name: attribute}
        mine = {fold(attribute.name): attribute.name}
        return replace(
            self,
            attributes=everything,
            messenger_names=_messenger_names(everything),
            folded=self.folded | mine,
            vouched_folded=self.vouched_folded if attribute.provisional else self.vouched_folded | mine,
        )

    def collides(self, name: str, *, vouched: bool) -> bool:
        """Whether another attribute's name could pass for this one.

        For somebody who vouches, names that only strangers have used do not count: squatting blocks nobody.
        """
        taken = self.vouched_folded if vouched else self.folded
        return taken.get(fold(name), name) != name

    def has_room(self) -> bool:
        """Whether one more vouched custom attribute may be created (or unarchived, or adopted)."""
        return self._count(provisional=False) < MAX_ACTIVE

    def has_provisional_room(self) -> bool:
        """Whether one more attribute may be created by an unsigned write."""
        return self._count(provisional=True) < MAX_PROVISIONAL

    def _count(self, *, provisional: bool) -> int:
        return sum(
            not attribute.standard and not attribute.archived and attribute.provisional is provisional
            for attribute in self.attributes.values()
        )


def _folded(attributes: Iterable[Attribute]) -> dict[str, str]:
    aliases = {fold(alias): name for alias, name in ALIASES.items()}
    return aliases | {fold(attribute.name): attribute.name for attribute in attributes}


def _messenger_names(attributes: dict[str, Attribute]) -> dict[str, Attribute]:
    names = {name: attribute for name, attribute in attributes.items() if name not in RESERVED}
    return names | {alias: attributes[name] for alias, name in ALIASES.items()}
