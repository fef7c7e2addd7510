CREATE TABLE public.old_jobs (
    id integer NOT NULL,
    pipeline text NOT NULL,
    payload text NOT NULL,
    added_dt text NOT NULL,
    send_dt text NOT NULL,
    priority integer NOT NULL,
    is_reserved integer NOT NULL,
    reserved_dt text,
    is_buried integer NOT NULL,
    buried_dt text,
    time_to_retry_dt text NOT NULL,
    attempts integer NOT NULL
);
CREATE SEQUENCE public.old_jobs_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.old_jobs_id_seq OWNED BY public.old_jobs.id;
ALTER TABLE ONLY public.old_jobs ALTER COLUMN id SET DEFAULT nextval('public.old_jobs_id_seq'::regclass);
INSERT INTO public.old_jobs VALUES (1, 'mails', '{"n":1,"name":"Ärger 😀"}', '2026-11-27 22:14:46', '2026-11-27 22:14:46', 1024, 0, NULL, 0, NULL, '2026-11-27 22:15:46', 0);
INSERT INTO public.old_jobs VALUES (2, 'mails', '{"n":2}', '2026-11-27 22:14:46', '2026-11-27 22:14:46', 1, 0, NULL, 0, NULL, '2026-11-27 22:15:46', 0);
INSERT INTO public.old_jobs VALUES (3, 'mails', '{"n":3}', '2026-11-27 22:14:46', '2036-11-24 22:14:46', -7, 0, NULL, 0, NULL, '2026-11-27 22:15:46', 0);
INSERT INTO public.old_jobs VALUES (4, 'mails', '{"n":4}', '2026-11-27 22:14:46', '2036-11-24 22:15:46', 1024, 0, NULL, 0, NULL, '2026-11-27 22:15:46', 0);
INSERT INTO public.old_jobs VALUES (5, 'mails', '{"n":5,"text":"much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. "}', '2026-11-27 22:14:46', '2026-11-27 22:14:46', 1024, 0, NULL, 0, NULL, '2026-11-27 22:15:46', 0);
INSERT INTO public.old_jobs VALUES (6, 'mails', '{"n":6,"text":"it''s \"quoted\", with a \\ and a line''s\nend; -- ?"}', '2026-11-27 22:14:46', '2026-11-27 22:14:46', 1024, 0, NULL, 0, NULL, '2026-11-27 22:15:46', 0);
INSERT INTO public.old_jobs VALUES (7, 'held', '{"n":1}', '2026-11-27 22:14:46', '2026-11-27 22:14:46', 1024, 1, '2026-11-27 22:14:46', 0, NULL, '2026-11-27 22:15:46', 1);
INSERT INTO public.old_jobs VALUES (8, 'again', '{"n":1}', '2026-11-27 22:14:46', '2026-11-27 22:14:46', 1024, 1, '2026-11-27 22:14:46', 0, NULL, '2026-11-27 22:14:46', 2);
INSERT INTO public.old_jobs VALUES (9, 'released', '{"n":1}', '2026-11-27 22:14:46', '2026-11-27 22:14:46', 1024, 0, NULL, 0, NULL, '2036-11-24 22:14:46', 1);
INSERT INTO public.old_jobs VALUES (12, 'buried', '{"n":2}', '2026-11-27 22:14:46', '2026-11-27 22:14:46', 5, 0, NULL, 1, '2026-11-27 22:14:46', '2026-11-27 22:14:46', 3);
INSERT INTO public.old_jobs VALUES (11, 'buried', '{"n":1}', '2026-11-27 22:14:46', '2026-11-27 22:14:46', 9, 0, NULL, 1, '2026-11-27 22:14:48', '2026-11-27 22:14:46', 1);
INSERT INTO public.old_jobs VALUES (13, 'buried', '{"n":3}', '2026-11-27 22:14:46', '2026-11-27 22:14:46', 1, 0, NULL, 0, NULL, '2026-11-27 22:14:46', 1);
INSERT INTO public.old_jobs VALUES (14, 'reports', 'a:1:{s:1:"n";i:8;}', '2026-11-27 22:14:48', '2026-11-27 22:14:48', 1024, 0, NULL, 0, NULL, '2026-11-27 22:15:48', 0);
INSERT INTO public.old_jobs VALUES (15, 'reports', '', '2026-11-27 22:14:48', '2026-11-27 22:14:48', 1024, 0, NULL, 0, NULL, '2026-11-27 22:15:48', 0);
INSERT INTO public.old_jobs VALUES (16, 'my mails', '{"n":1}', '2026-11-27 22:14:48', '2026-11-27 22:14:48', 1024, 0, NULL, 0, NULL, '2026-11-27 22:15:48', 0);
SELECT pg_catalog.setval('public.old_jobs_id_seq', 16, true);
ALTER TABLE ONLY public.old_jobs
    ADD CONSTRAINT old_jobs_pkey PRIMARY KEY (id);
CREATE INDEX pipeline_send_dt_is_buried_is_reserved ON public.old_jobs USING btree (pipeline, send_dt, is_buried, is_reserved);
