"""Piccolo's configuration: which database, and which tables. `DATABASE_URL` names the database."""

import os

from piccolo.conf.apps import AppRegistry
from piccolo.engine.postgres import PostgresEngine

DB = PostgresEngine(config={"dsn": os.environ.get("DATABASE_URL", "postgresql://localhost/snaglist")})
APP_REGISTRY = AppRegistry(apps=[])
