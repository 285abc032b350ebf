"""Whoever is new, or has forgotten it, chooses the password while enrolling; demo admins say so."""

from alembic import op

revision = "0030"
down_revision = "0029"

# The demo's two admins of an earlier release: nobody else has an address below .test, which is
# no domain of the internet's, and as demo admins they sign in on a demo's own machine only.
UPGRADE = r"""
ALTER TABLE admin_enrolment ADD COLUMN chooses_password boolean NOT NULL DEFAULT false;
UPDATE admin SET is_demo = true WHERE email LIKE '%@demo.kibeezy.test';
"""

DOWNGRADE = """
ALTER TABLE admin_enrolment DROP COLUMN chooses_password;
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
