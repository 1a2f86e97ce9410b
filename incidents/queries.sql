-- name: key_of_version
-- fills: incidents.plans.PlanKey
-- The hash is enough where the playbook was parsed before.
SELECT id, sha256 FROM playbook_version WHERE community_id = $1 AND id = $2;

-- name: key_in_use
-- fills: incidents.plans.PlanKey
-- The hash is enough where the playbook was parsed before.
SELECT id, sha256 FROM playbook_version WHERE community_id = $1 AND kind = $2 AND state = 'in_use';

-- name: plan_in_use
-- fills: incidents.plans.StoredPlan
-- At most one by the index on (community, kind) where in use.
SELECT id, name, version, source, sha256 FROM playbook_version WHERE community_id = $1 AND kind = $2 AND state = 'in_use';

-- name: plan_of_version
-- fills: incidents.plans.StoredPlan
-- A run keeps the version it began with.
SELECT id, name, version, source, sha256 FROM playbook_version WHERE community_id = $1 AND id = $2;

-- name: plans_in_use
-- fills: incidents.plans.StoredPlan
-- What can be declared here.
SELECT id, name, version, source, sha256 FROM playbook_version WHERE community_id = $1 AND state = 'in_use';

-- name: adopt
-- A shipped playbook was proven by its own tests, so it comes checked.
INSERT INTO playbook_version (community_id, name, version, kind, source, sha256, state, created_at)
VALUES ($1, $2, $3, $4, $5, $6, 'in_use', $7)
ON CONFLICT (community_id, name, version) DO NOTHING;

-- name: same_version
-- fills: incidents.own_plans.SameVersion
-- A version never changes what it holds.
SELECT id, sha256 FROM playbook_version WHERE community_id = $1 AND name = $2 AND version = $3;

-- name: retire_version
-- fills: incidents.own_plans.VersionName
-- What was in use for this kind makes room; runs that began with it keep it.
UPDATE playbook_version SET state = 'retired' WHERE community_id = $1 AND kind = $2 AND state = 'in_use' RETURNING name, version;

-- name: use_again
-- A version that was in use before.
UPDATE playbook_version SET state = 'in_use' WHERE community_id = $1 AND id = $2;
