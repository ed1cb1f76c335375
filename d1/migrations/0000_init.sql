CREATE TABLE `ledger_event` (
	`sku` text NOT NULL,
	`sequence` integer NOT NULL,
	`sale_id` text NOT NULL,
	`at_ms` integer NOT NULL,
	`type` text NOT NULL,
	`order_id` text,
	`body` text NOT NULL,
	PRIMARY KEY(`sku`, `sequence`)
);

CREATE TABLE `message` (
	`order_id` text NOT NULL,
	`kind` text NOT NULL,
	`shopper` text NOT NULL,
	`subject` text NOT NULL,
	`created_at_ms` integer NOT NULL,
	PRIMARY KEY(`order_id`, `kind`)
);

CREATE TABLE `orders` (
	`order_id` text PRIMARY KEY NOT NULL,
	`sale_id` text NOT NULL,
	`sku` text NOT NULL,
	`shopper` text NOT NULL,
	`number` integer NOT NULL,
	`quantity` integer NOT NULL,
	`amount` integer NOT NULL,
	`currency` text NOT NULL,
	`status` text NOT NULL,
	`version` integer NOT NULL,
	`created_at_ms` integer NOT NULL,
	`expires_at_ms` integer NOT NULL,
	`updated_at_ms` integer NOT NULL,
	`payment_state` text,
	`payment_attempts` integer NOT NULL,
	`payment_error` text
);

CREATE INDEX `orders_by_time` ON `orders` (`created_at_ms`,`order_id`);
CREATE INDEX `orders_by_sale` ON `orders` (`sale_id`,`created_at_ms`,`order_id`);
CREATE INDEX `orders_by_shopper` ON `orders` (`shopper`,`created_at_ms`,`order_id`);
CREATE TABLE `product` (
	`product_id` text PRIMARY KEY NOT NULL,
	`body` text NOT NULL
);

CREATE TABLE `sale_item` (
	`sku` text PRIMARY KEY NOT NULL,
	`sale_id` text NOT NULL
);

CREATE TABLE `sale` (
	`sale_id` text PRIMARY KEY NOT NULL,
	`starts_at_ms` integer NOT NULL,
	`definition` text NOT NULL,
	`control` text NOT NULL,
	`listed` integer NOT NULL
);

CREATE TABLE `sandbox_payment` (
	`idempotency_key` text PRIMARY KEY NOT NULL,
	`amount` integer NOT NULL,
	`currency` text NOT NULL,
	`state` text NOT NULL,
	`asked` integer NOT NULL
);

CREATE TABLE `stock_level` (
	`sku` text PRIMARY KEY NOT NULL,
	`sale_id` text NOT NULL,
	`sequence` integer NOT NULL,
	`stock` integer NOT NULL,
	`available` integer NOT NULL,
	`held` integer NOT NULL,
	`sold` integer NOT NULL
);
