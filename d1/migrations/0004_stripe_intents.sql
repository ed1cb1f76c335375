CREATE TABLE `stripe_intent` (
	`idempotency_key` text PRIMARY KEY NOT NULL,
	`intent_id` text NOT NULL
);
