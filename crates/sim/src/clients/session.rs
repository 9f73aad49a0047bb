//! A client's session: one operation at a time, its way to an answer, and the command that stands for it.

use whitewater_check::operation::Operation;
use whitewater_check::types::{Command, Nanos, NodeId};

/// One session. Its number is the `client` of its commands.
#[derive(Clone, Debug, Default)]
pub(super) struct Session {
    /// Whose it is.
    pub client: u32,
    /// How many operations were asked for: the serial of the last.
    pub serial: u64,
    /// What was asked for last.
    pub operation: Option<Operation>,
    /// Which of its client's operations the present one is.
    pub nth: u64,
    /// Whether an answer to the last operation is still waited for.
    pub waits: bool,
    /// How often the operation was sent, refusals included.
    pub sent: u32,
    /// How often it was sent on after a refusal since its client last waited in vain.
    pub redirects: u8,
    /// Who was asked last.
    pub target: NodeId,
    /// When the operation was first sent.
    pub invoked: Nanos,
    /// When the client loses patience with who was asked last.
    pub deadline: Nanos,
    /// Whether an event is queued that looks at the deadline.
    pub watched: bool,
}

impl Session {
    /// Whether `command`, which is of this session, still waits for its answer.
    pub(super) fn waits_for(&self, command: Command) -> bool {
        self.waits && self.serial == command.serial()
    }

    /// The next operation is asked for.
    pub(super) fn begin(&mut self, operation: Operation, nth: u64, now: Nanos) {
        self.serial += 1;
        (self.operation, self.nth, self.waits, self.invoked) = (Some(operation), nth, true, now);
        (self.sent, self.redirects) = (0, 0);
    }
}
