// Rust's own channel between two threads: mpsc CASE ITEMS; prints {"count", "sum", "seconds"}.
//   channel       std::sync::mpsc::channel, no bound
//   sync-channel  std::sync::mpsc::sync_channel(1024)
use std::sync::mpsc::{channel, sync_channel, Receiver};
use std::thread;
use std::time::Instant;

fn receive(receiver: Receiver<u64>, items: u64) -> f64 {
    let mut sum = 0.0;
    for due in 0..items {
        let item = receiver.recv().expect("the sender left early");
        assert_eq!(item, due);
        sum += item as f64;
    }
    sum
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let items: u64 = arguments[2].parse().expect("ITEMS is a number");
    let started = Instant::now();
    let (producer, sum) = if arguments[1] == "channel" {
        let (sender, receiver) = channel();
        let producer = thread::spawn(move || (0..items).for_each(|i| sender.send(i).expect("the receiver left")));
        (producer, receive(receiver, items))
    } else {
        let (sender, receiver) = sync_channel(1024);
        let producer = thread::spawn(move || (0..items).for_each(|i| sender.send(i).expect("the receiver left")));
        (producer, receive(receiver, items))
    };
    producer.join().expect("the producer panicked");
    let seconds = started.elapsed().as_secs_f64();
    println!("{{\"count\": {items}, \"sum\": {sum:.0}, \"seconds\": {seconds}}}");
}
