//! What clients do when they are answered, refused, or left alone.

use super::*;
use crate::chance::Chance;
use crate::distribution::Distribution;

const MS: Nanos = 1_000_000;

fn clients(pace: fn(Distribution) -> Pace) -> Clients {
    let mut clients = Clients::default();
    let plan = ClientPlan { pace: pace(Distribution::constant(10 * MS)), ..ClientPlan::writers(2, 1) };
    clients.reset(&[plan], 3, &Keys::new(1));
    clients
}

fn ask(clients: &mut Clients, client: u32, now: Nanos) -> Asked {
    clients.tick(client, now).expect("clients are open")
}

#[test]
fn an_open_loop_asks_at_its_rate_and_opens_sessions_as_it_needs_them() {
    let mut clients = clients(Pace::Every);
    let (first, second) = (ask(&mut clients, 0, 0), ask(&mut clients, 0, 10 * MS));
    assert_eq!((first.next, second.next), (Some(10 * MS), Some(10 * MS)));
    assert_ne!(first.request.command.client(), second.request.command.client());
    clients.done(first.request.command, NodeId(0), 0).expect("it waits");
    let third = ask(&mut clients, 0, 20 * MS).request.command;
    assert_eq!((third.client(), third.serial()), (first.request.command.client(), 2));
    assert_eq!((clients.answers(), clients.waiting()), (1, 2));
}

#[test]
fn a_closed_loop_thinks_when_it_has_its_answer() {
    let mut clients = clients(Pace::Think);
    let asked = ask(&mut clients, 1, 5);
    assert_eq!(asked.next, None);
    let done = clients.done(asked.request.command, NodeId(2), 0);
    assert_eq!(done, Some(Done { client: 1, invoked: 5, next: Some(10 * MS) }));
    assert_eq!(clients.done(asked.request.command, NodeId(2), 0), None, "answered twice");
    assert_eq!(ask(&mut clients, 1, 6).request.to, NodeId(2), "who answered is asked again");
}

#[test]
fn a_refused_request_follows_the_hint_a_few_times() {
    let mut clients = clients(Pace::Every);
    let command = ask(&mut clients, 0, 0).request.command;
    let hops: Vec<_> =
        (0..5).map(|hop| clients.refused(command, Some(NodeId(hop % 3))).map(|r| r.to.0)).collect();
    assert_eq!(hops, [Some(0), Some(1), Some(2), None, None]);
    assert!(clients.refused(command, None).is_none() && clients.refused(command, Some(NodeId(9))).is_none());
}

#[test]
fn silence_sends_the_same_command_to_the_next_node_until_it_is_given_up() {
    let mut clients = clients(Pace::Think);
    let Request { command, to, .. } = ask(&mut clients, 0, 0).request;
    let mut now = clients.watch(command, 0).expect("nobody looks yet");
    let mut again = Vec::new();
    let mut patience = clients.look_again(command.client(), now);
    while let Patience::Again(request) = patience {
        assert_eq!(request.command, command);
        again.push(request.to.0);
        now = clients.watch(command, now).expect("it was looked at");
        patience = clients.look_again(command.client(), now);
    }
    assert_eq!(patience, Patience::GivesUp(Some((0, 10 * MS))));
    let expected: Vec<u8> = (1..10).map(|n| (to.0 + n) % 3).collect();
    assert_eq!(again, expected);
    assert_ne!(ask(&mut clients, 0, now).request.command.client(), command.client());
}

#[test]
fn a_deadline_that_moved_is_looked_at_again_later() {
    let mut clients = clients(Pace::Every);
    let command = ask(&mut clients, 0, 0).request.command;
    let first = clients.watch(command, 0);
    assert_eq!((first, clients.watch(command, 100 * MS)), (Some(500 * MS), None));
    assert_eq!(clients.look_again(command.client(), 500 * MS), Patience::Until(600 * MS));
    clients.done(command, NodeId(0), 0);
    assert_eq!(clients.look_again(command.client(), 600 * MS), Patience::Idle);
}

#[test]
fn only_the_probe_goes_on_when_clients_are_closed() {
    let mut clients = clients(Pace::Every);
    let command = ask(&mut clients, 0, 0).request.command;
    clients.watch(command, 0);
    clients.close();
    assert!(clients.tick(0, 0).is_none());
    assert_eq!(clients.look_again(command.client(), 500 * MS), Patience::Idle);
    let probe = clients.probe(100 * MS, 0, &Keys::new(1)).request.command;
    clients.watch(probe, 0);
    assert!(matches!(clients.look_again(probe.client(), 5_000 * MS), Patience::Again(_)));
    clients.done(probe, NodeId(0), 0);
    assert!(clients.is_answered(probe) && !clients.is_answered(command));
}

#[test]
fn nobody_is_told_of_what_was_never_asked() {
    let mut clients = clients(Pace::Every);
    let asked = ask(&mut clients, 0, 0);
    assert!(clients.have_asked(asked.request.command));
    for command in [Command::new(0, 2), Command::new(77, 1)] {
        assert!(!clients.have_asked(command));
        assert!(clients.done(command, NodeId(0), 0).is_none());
    }
    assert!(clients.refused(Command::new(77, 1), Some(NodeId(0))).is_none());
}

#[test]
fn every_leg_of_a_way_has_luck_of_its_own() {
    let mut clients = clients(Pace::Every);
    let command = ask(&mut clients, 0, 0).request.command;
    let first = [clients.draw_way(command, false), clients.draw_way(command, true)];
    clients.refused(command, Some(NodeId(1)));
    assert_ne!(first[0], first[1]);
    assert_ne!(first[0], clients.draw_way(command, false));
    assert_eq!(Chance::NEVER, ClientPlan::writers(1, 1).reads);
}
