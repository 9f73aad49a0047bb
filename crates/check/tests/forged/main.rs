//! Forged traces: what each checker must reject, beside its honest twin, which it must accept.

mod audits;
mod bench;
mod clients;
mod early;
mod hostile;
mod markers;
mod outcome;
mod snapshots;
mod states;
