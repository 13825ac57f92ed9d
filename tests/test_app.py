"""Settings: which values are refused, and where they come from."""

import pytest

from app import create_app


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        *(("MAX_IMAGES", value) for value in ("many", 0, -5, True, 1.5)),
        ("MAX_PIXELS", 10**9),
        ("MAX_SECONDS", 0),
        ("MAX_CORRECTIONS", 0),
        ("RATE_LIMIT", "often"),
        ("RATE_LIMIT_STORAGE", "nosuch://x"),
        ("PROXIES", -1),
        ("PROXIES", "one"),
        ("CORRECTIONS", "off"),
        ("RELOAD", "perhaps"),
        ("DATABASE_URL", "nosuch://somewhere"),
        ("LOG_FORMAT", "xml"),
        *(("CORS_ORIGINS", origins) for origins in ("*", "friend.example", "https://*.example", ".*")),
        *(("CORS_ORIGINS", origins) for origins in ("https://friend.example/", "http://a.example http://b.example")),
    ],
)
def test_settings_that_make_no_sense_are_refused(setting, value, tmp_path):
    with pytest.raises(ValueError, match=f"DIGITPAD_{setting}"):
        create_app({"WEIGHTS": str(tmp_path), "RATE_LIMIT": "1/minute", setting: value})


def test_the_environment_configures(monkeypatch, tmp_path):
    monkeypatch.setenv("DIGITPAD_WEIGHTS", str(tmp_path))
    monkeypatch.setenv("DIGITPAD_MAX_CONTENT_LENGTH", "1234")
    assert create_app().config["MAX_CONTENT_LENGTH"] == 1234
    monkeypatch.setenv("DIGITPAD_MAX_IMAGES", "many")
    with pytest.raises(ValueError, match="DIGITPAD_MAX_IMAGES"):
        create_app()
