"""The one Piccolo app: its tables and its chain of migrations."""

from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="snaglist",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=table_finder(
        [
            "app.tables.people",
            "app.tables.signing_in",
            "app.tables.projects",
            "app.tables.errors",
            "app.tables.events",
            "app.tables.github",
            "app.tables.work",
        ],
        exclude_imported=True,
    ),
)
