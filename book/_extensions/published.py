"""Where the pages are, once the repository has been published."""


def address(repository: str) -> str:
    """Where GitHub publishes the pages of a repository."""
    owner, name = repository.rstrip("/").split("/")[-2:]
    return f"https://{owner}.github.io/{name}/"
