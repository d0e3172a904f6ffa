"""Secrets: ours are told from all others, weak and public ones are not taken, the rest is used exactly as shown."""

from __future__ import annotations

import pytest

from avow.errors import BadInput
from avow.trust.secret import find_own_secret, is_own_secret, register_secret, secret_from_random
from tests.support.company import acme
from tests.support.registrations import LEGITIMATE_SECRETS, hostile_secrets

OWN = secret_from_random(bytes(range(32)))


def test_a_secret_of_ours_has_a_typed_prefix_and_a_checksum() -> None:
    assert OWN.startswith("avow_sk_")
    assert len(OWN) == 57
    assert OWN.removeprefix("avow_sk_").isalnum()
    assert is_own_secret(OWN)


def test_other_randomness_makes_another_secret() -> None:
    made = {secret_from_random(bytes([first]) + bytes(31)) for first in range(256)}
    assert len(made) == 256
    assert secret_from_random(b"\xff" * 32) not in made
    assert all(is_own_secret(secret) for secret in made)


@pytest.mark.parametrize("entropy", [b"", b"x" * 31, b"x" * 33])
def test_a_secret_is_made_of_256_bits(entropy: bytes) -> None:
    with pytest.raises(ValueError, match="expected 32"):
        secret_from_random(entropy)


def test_a_single_wrong_letter_is_noticed() -> None:
    for position in range(len("avow_sk_"), len(OWN)):
        wrong = OWN[:position] + ("a" if OWN[position] != "a" else "b") + OWN[position + 1 :]
        assert not is_own_secret(wrong)
        assert not find_own_secret(wrong)


@pytest.mark.parametrize(
    "text", [OWN, f"key: {OWN}.", f"https://x.example/?k={OWN}&y", f"xx{OWN}yy", f"avow_sk_ avow_sk_{OWN}"]
)
def test_a_secret_of_ours_is_found_anywhere(text: str) -> None:
    assert find_own_secret(text)


@pytest.mark.parametrize(
    "text", ["", "alice", "avow_sk_", "avow_sk_" + "0" * 49, OWN[:-1], OWN.upper(), OWN.replace("_", "-")]
)
def test_what_is_no_secret_of_ours_is_not_found(text: str) -> None:
    assert not find_own_secret(text)
    assert not is_own_secret(text)


def test_a_secret_with_anything_around_it_is_not_the_secret() -> None:
    assert not is_own_secret(OWN + "\n")
    assert not is_own_secret(" " + OWN)


@pytest.mark.parametrize("text", [OWN, *LEGITIMATE_SECRETS.values()])
@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_the_key_is_the_text_as_shown_less_the_line_ending_of_its_file(text: str, ending: str) -> None:
    assert register_secret(text + ending) == text.encode()


def test_a_weak_damaged_or_public_text_is_no_secret() -> None:
    for hostile in hostile_secrets(acme()):
        with pytest.raises(BadInput) as refusal:
            register_secret(hostile.raw.decode())
        assert refusal.value.field == "secret", hostile.name
        assert hostile.found in refusal.value.message, hostile.name
        assert "expected" in refusal.value.message, hostile.name


@pytest.mark.parametrize("distinct", [7, 8])
def test_eight_different_characters_are_the_least(distinct: int) -> None:
    text = "gTq4vZx9"[:distinct]
    shuffled = "".join(text[(3 * position * position + position // 7) % distinct] for position in range(48))
    assert len(set(shuffled)) == distinct
    if distinct == 8:
        assert register_secret(shuffled)
    else:
        with pytest.raises(BadInput, match="different characters"):
            register_secret(shuffled)


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(BadInput, match="lone surrogate"):
        register_secret("velvet oyster lantern quibble 47 \ud800")


def test_no_message_repeats_the_secret() -> None:
    for hostile in hostile_secrets(acme()):
        text = hostile.raw.decode()
        if len(text) > 20:
            with pytest.raises(BadInput) as refusal:
                register_secret(text)
            assert text[:12] not in refusal.value.message


def test_hexadecimal_that_is_no_whole_key_is_a_secret() -> None:
    whole = acme()["acme-ed"].registered.material.hex()
    for text in (whole[2:], whole[:-2], "31" + whole[2:], whole[:4] + "04" + whole[6:]):
        assert register_secret(text) == text.encode()
    with pytest.raises(BadInput, match="DER"):
        register_secret(whole)


def test_base64_that_only_begins_like_a_key_is_a_secret() -> None:
    for text in (
        "MEUCIQDk7vXw3n9R2sLq8TzYb4Ua1cJfWmHpKe5GxNoVdS0",
        "MAAAy6Xw3n9R2sLq8TzYb4Ua1cJfWmHpKe5GxNoVdS0",
        "MIHK" + "9fK2qLz7wX4tB8nR1vY6mC3aP5sD0gH",
    ):
        assert register_secret(text) == text.encode()
