CREATE TABLE `sandbox_booking` (
	`idempotency_key` text NOT NULL,
	`kind` text NOT NULL,
	`amount` integer NOT NULL,
	`currency` text NOT NULL,
	`at_ms` integer NOT NULL,
	PRIMARY KEY(`idempotency_key`, `kind`)
);

ALTER TABLE `orders` ADD `payment_method` text;
ALTER TABLE `orders` ADD `payment_attention` text;
ALTER TABLE `orders` ADD `payment_action_url` text;
CREATE INDEX `orders_for_attention` ON `orders` (`created_at_ms`,`order_id`) WHERE payment_attention IS NOT NULL;
ALTER TABLE `sandbox_payment` ADD `reason` text;
ALTER TABLE `sandbox_payment` ADD `ripens_at_ms` integer;