"""Every error that people or callers may meet, as one tree.

PayOpsError
├── InputError            the caller's data is wrong: correct it and call again
│   ├── InvalidWindow       counts that cannot be
│   ├── BadRow              one row of a file; counted and skipped
│   ├── BadMapping          the mapping from columns to our words does not fit
│   ├── BadFile             the file as a whole cannot be read
│   └── BadScenario         a scenario file says what cannot be played
├── SettingsError         a setting is unknown or out of range
├── NotFoundError         no such incident, scenario or lesson
├── RefusedError          a decision that may not be taken (any more); the message says why
│   └── ForbiddenError        the person who asks may not do that; somebody with another role may
├── StorageError          what is remembered cannot be read or written now; what was kept stays kept
│   └── BrokenIndexError    the index of lessons cannot be used; it is rebuilt from the lessons
└── ActuatorError         the receiver of an action refused, failed or did not answer
    └── OutcomeUnknownError   it may have been carried out: look it up before trying again
"""


class PayOpsError(Exception):
    """Base class of all errors that this project raises on purpose."""


class InputError(PayOpsError):
    """The caller's data is wrong: correct it and call again."""


class InvalidWindow(InputError):  # noqa: N818 - named for what it is, as its siblings are
    """Raised for counts that cannot be, such as more successes than attempts."""


class BadRow(InputError):  # noqa: N818 - named for what it is
    """Raised for one row that cannot be read; the reader counts it and goes on."""


class BadMapping(InputError):  # noqa: N818 - named for what it is
    """Raised when a column mapping names what is not there, or misses what is needed."""


class BadFile(InputError):  # noqa: N818 - named for what it is
    """Raised for a file that is missing, empty, cut short or of an unknown form."""


class BadScenario(InputError):  # noqa: N818 - named for what it is
    """Raised for a scenario file that says what cannot be played; the message names the place."""


class SettingsError(PayOpsError):
    """Raised at start for a setting that is unknown or out of range."""


class NotFoundError(PayOpsError):
    """Raised when an incident, scenario or lesson does not exist."""


class RefusedError(PayOpsError):
    """Raised when a decision may not be taken, or not any more; the message says why."""


class ForbiddenError(RefusedError):
    """Raised when the person who asks may not do that: somebody with another role may."""


class StorageError(PayOpsError):
    """Raised when what is remembered cannot be read or written now; what was kept stays kept."""


class BrokenIndexError(StorageError):
    """Raised when the index of lessons cannot be used; no lesson is lost, for it can be rebuilt."""


class ActuatorError(PayOpsError):
    """Raised when the receiver of an action refused or failed; nothing was changed."""


class OutcomeUnknownError(ActuatorError):
    """Raised when an action may or may not have been carried out: look it up before trying again."""
