"""Piccolo's configuration, for its command line and for the migrations; `DATABASE_URL` names the database."""

from piccolo.conf.apps import AppRegistry

from app.tables.database import DB

__all__ = ["APP_REGISTRY", "DB"]

APP_REGISTRY = AppRegistry(apps=["app.tables.piccolo_app"])
