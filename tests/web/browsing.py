"""A person before a browser: signs in, opens pages, presses buttons with the token that the page gave."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from tests.web.district import PASSWORD

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
# What a form remembers of the page it stands on, which a browser sends back unasked.
_SEEN = re.compile(r'name="seen" value="([^"]+)"')


class Browser:
    """One cookie jar. Redirects are followed only where a test asks for it."""

    def __init__(self, app: Flask, user_id: int = 0, login: str = "") -> None:
        self._client = app.test_client()
        self.user_id, self.login = user_id, login
        self._token = self._seen = ""

    def sign_in(self, password: str = PASSWORD, login: str | None = None, **form: str) -> TestResponse:
        self.get("/sign-in")
        answer = self.post("/sign-in", login=self.login if login is None else login, password=password, **form)
        at = answer
        while at.status_code == 303:
            at = self.get(at.location)
        return answer

    def get(self, path: str, **options: Any) -> TestResponse:
        return self._read(self.send("GET", path, **options))

    def post(self, path: str, **form: Any) -> TestResponse:
        """Send a form with the token, and what else stood in the form, of the page seen last."""
        return self._read(self.send("POST", path, data={"csrf_token": self._token, "seen": self._seen, **form}))

    def send(self, method: str, path: str, **options: Any) -> TestResponse:
        return self._client.open(path, method=method, buffered=True, **options)

    def press(self, path: str, button_on: str, **form: Any) -> TestResponse:
        """Open the page `button_on`, then send a form from it to `path`."""
        self.get(button_on)
        return self.post(path, **form)

    def copy(self, app: Flask) -> Browser:
        """Return a second window of the same person, with the page that the first one shows."""
        other = Browser(app, self.user_id, self.login)
        for name, value in self.cookies().items():
            other.set_cookie(name, value)
        other._token = self._token
        return other

    def cookies(self) -> dict[str, str]:
        return {cookie.key: cookie.value for cookie in (self._client._cookies or {}).values()}

    def set_cookie(self, name: str, value: str) -> None:
        self._client.set_cookie(name, value)

    def _read(self, answer: TestResponse) -> TestResponse:
        if answer.mimetype == "text/html" and (found := _TOKEN.search(answer.text)):
            self._token = found[1]
            self._seen = seen[1] if (seen := _SEEN.search(answer.text)) else ""
        return answer
