CREATE TABLE `rebuild` (
	`id` integer PRIMARY KEY NOT NULL,
	`run` text NOT NULL
);
