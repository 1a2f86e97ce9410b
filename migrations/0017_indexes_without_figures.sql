-- Two indexes that lured a planner without figures (a directory that was just brought in has none): "the terms of all places" seemed the
-- shortest way to one of them, and the order of names the way to somebody by id. Each is now good only for what it is for.

DROP INDEX search_term_of_subject;
CREATE INDEX search_term_of_subject ON search_term (community_id, subject_id, subject);

DROP INDEX person_in_order;
CREATE INDEX person_in_order ON person (community_id, kind, sort_key);
