CREATE TRIGGER ledger_event_refuses_update BEFORE UPDATE ON ledger_event BEGIN SELECT RAISE(ABORT, 'ledger_event is append-only'); END;
CREATE TRIGGER ledger_event_refuses_delete BEFORE DELETE ON ledger_event BEGIN SELECT RAISE(ABORT, 'ledger_event is append-only'); END;
CREATE TRIGGER audit_entry_refuses_update BEFORE UPDATE ON audit_entry BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END;
CREATE TRIGGER audit_entry_refuses_delete BEFORE DELETE ON audit_entry BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END;
INSERT INTO payment (order_id, attempt, sale_id, sku, method, state, amount, currency, error, version, updated_at_ms)
SELECT order_id, payment_attempts, sale_id, sku, coalesce(payment_method, 'card'), payment_state, amount, currency, payment_error, version, updated_at_ms FROM orders WHERE payment_state IS NOT NULL;
