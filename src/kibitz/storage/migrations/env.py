"""What Alembic loads to run a step.

Rule: connection and transaction belong to `kibitz.storage.upgrade`, which hands the connection in.
"""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
