"""The ways by which a message leaves: e-mail, webhook, and the services that Apprise knows. Only this room speaks."""
