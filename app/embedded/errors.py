"""What can go wrong with the embedded servers, each with a message for the person who starts Snaglist."""


class EmbeddedError(Exception):
    """An embedded server cannot be had; the message says why and what can be done."""


class MissingProgramError(EmbeddedError):
    """A server's programs are not installed, or the account that must run them cannot reach them."""


class UnusableFolderError(EmbeddedError):
    """The data folder, or what is in it, cannot be used as it is."""


class FolderInUseError(EmbeddedError):
    """Another Snaglist runs on the same data folder."""


class WrongVersionError(EmbeddedError):
    """The data was written by another major version of PostgreSQL."""


class StartError(EmbeddedError):
    """A server's program ended, or never became ready; the message holds its last words."""
