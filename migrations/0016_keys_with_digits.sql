-- A playbook may name a team or a post with a digit ("building_3"), so one may be noted.

ALTER TABLE department DROP CONSTRAINT department_key_check;
ALTER TABLE department ADD CONSTRAINT department_key_check CHECK (key ~ '^[a-z][a-z0-9_]*$');
ALTER TABLE post DROP CONSTRAINT post_role_check;
ALTER TABLE post ADD CONSTRAINT post_role_check CHECK (role ~ '^[a-z][a-z0-9_]*$');
