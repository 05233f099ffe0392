"""Why was something refused, and what is to be done?

One row a reason; code, docs and refusals read it here.
"""

from __future__ import annotations

from enum import StrEnum


class Refusal(StrEnum):
    """Why intake could not accept a record. The value is the reason code of the dead letter."""

    UNDECODABLE = "UNDECODABLE"
    UNKNOWN_SCHEMA = "UNKNOWN_SCHEMA"
    UNKNOWN_TYPE = "UNKNOWN_TYPE"
    NOT_FOR_DEPARTMENTS = "NOT_FOR_DEPARTMENTS"
    ENVELOPE = "ENVELOPE"
    TOO_LARGE = "TOO_LARGE"
    TOO_DEEP = "TOO_DEEP"
    EMPTY = "EMPTY"
    INVALID_FIELD = "INVALID_FIELD"
    FOREIGN_SOURCE = "FOREIGN_SOURCE"
    UNKNOWN_DEPARTMENT = "UNKNOWN_DEPARTMENT"
    CREDIT_CODE = "CREDIT_CODE"
    CREDIT_CODE_CHECK_DIGIT = "CREDIT_CODE_CHECK_DIGIT"
    OLD_REGISTRATION_NUMBER = "OLD_REGISTRATION_NUMBER"
    WRONG_KEY = "WRONG_KEY"
    FUTURE_TIME = "FUTURE_TIME"
    NO_POLICY = "NO_POLICY"
    FAULTED = "FAULTED"
    UNASKED = "UNASKED"
    WRONG_PARTITION = "WRONG_PARTITION"
    TOO_MANY = "TOO_MANY"
    DRAW_TAKEN = "DRAW_TAKEN"
    DRAW_NOT_COMMITTED = "DRAW_NOT_COMMITTED"
    DRAW_SEED = "DRAW_SEED"
    DRAW_SPECIAL = "DRAW_SPECIAL"
    FUTURE_DAY = "FUTURE_DAY"
    CLASS_OUT_OF_RANGE = "CLASS_OUT_OF_RANGE"


REFUSALS: dict[Refusal, tuple[str, str]] = {
    # reason: (what happened, what to do)
    Refusal.UNDECODABLE: (
        "the value is neither JSON in UTF-8 nor Avro in the Confluent wire format",
        "send one CloudEvent with content-type application/json or application/avro",
    ),
    Refusal.UNKNOWN_SCHEMA: (
        "the Avro schema id is not one of the hub's",
        "encode with a schema listed in schemas/avro/ids.json",
    ),
    Refusal.UNKNOWN_TYPE: (
        "the event type is not known",
        "use one of the types of the contract; mind the spelling of ce_type",
    ),
    Refusal.NOT_FOR_DEPARTMENTS: (
        "this event type is not for departments to send",
        "registry and policy events come from the platform's administrators, timers from the hub",
    ),
    Refusal.ENVELOPE: (
        "a CloudEvents attribute is missing or wrong",
        "give id, source, type, specversion 1.0 and an RFC 3339 time with offset",
    ),
    Refusal.TOO_LARGE: (
        "the value is too large",
        "keep a record under the limit the message names",
    ),
    Refusal.TOO_DEEP: (
        "the value is nested too deeply",
        "flatten it: no message of the contract is deep",
    ),
    Refusal.EMPTY: ("the record has no value", "send a value; a tombstone means nothing here"),
    Refusal.INVALID_FIELD: (
        "a field is missing or has a wrong value",
        "correct the field named and send the event again",
    ),
    Refusal.FOREIGN_SOURCE: (
        "the event names another department than the topic belongs to",
        "publish under your own registry code only",
    ),
    Refusal.UNKNOWN_DEPARTMENT: (
        "the department is not in the registry",
        "ask the platform's administrators to register it",
    ),
    Refusal.CREDIT_CODE: (
        "the credit code is not one of GB 32100-2015",
        "check the 18 characters: digits and capital letters without I, O, S, V, Z",
    ),
    Refusal.CREDIT_CODE_CHECK_DIGIT: (
        "the credit code fails its check character and the object list does not know it",
        "correct the code, or have the enterprise entered in the object list",
    ),
    Refusal.OLD_REGISTRATION_NUMBER: (
        "this is a 15-digit registration number, not a credit code",
        "send the enterprise's unified social credit code",
    ),
    Refusal.WRONG_KEY: (
        "the record's key names another enterprise than its content",
        "use the credit code of the content as the record's key, or no key",
    ),
    Refusal.FUTURE_TIME: (
        "the event's time lies in the future",
        "set the clock of the sending system",
    ),
    Refusal.NO_POLICY: (
        "no policy has been published yet",
        "publish one with `hub policy publish`, then replay the dead letter",
    ),
    Refusal.FAULTED: (
        "the hub failed on this record",
        "nothing for you to do: the operators have been told and will replay it",
    ),
    Refusal.UNASKED: (
        "the receipt is for a delivery that the hub never made",
        "name the key, version and body hash of the delivery you received",
    ),
    Refusal.WRONG_PARTITION: (
        "the record lies in a partition that nobody reads",
        "write to partition 0 of a feed or receipt topic",
    ),
    Refusal.TOO_MANY: (
        "too much waits already for what has not come: it was refused, and nothing waits for it",
        "send it again when what it waits for is there",
    ),
    Refusal.DRAW_TAKEN: (
        "this draw was committed to, or revealed, with other content: it never changes",
        "give a new draw a new draw_id",
    ),
    Refusal.DRAW_NOT_COMMITTED: (
        "the seed of a draw that nobody committed to proves nothing",
        "send draw.committed first, and the seed once it is taken in",
    ),
    Refusal.DRAW_SEED: (
        "the seed is not the one that was committed to",
        "reveal the seed whose SHA-256 was given, and a public value only if a source was named",
    ),
    Refusal.DRAW_SPECIAL: (
        "the special inspection that is drawn for does not stand, is not yours, or is confidential",
        "have it filed and agreed, claim it, or draw without its id; see `hub case special:ID`",
    ),
    Refusal.FUTURE_DAY: (
        "what is said to be so lies in the future",
        "give the day on which the class was given, or send it again when that day has come",
    ),
    Refusal.CLASS_OUT_OF_RANGE: (
        "the policy in force knows the scheme, and this is none of its classes",
        "send one of the classes that the message names",
    ),
}
