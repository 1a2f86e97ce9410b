-- Of two indexes that cost the same the planner takes the newer. While a town has no members or one, they all do, and the plan made then is kept:
-- members of a delivery were looked for in the order of persons, which is through the whole audience. So the index they are found by is the newest.

DROP INDEX audience_member_of_delivery;
CREATE INDEX audience_member_of_delivery ON audience_member (community_id, message_id, delivery_no);
