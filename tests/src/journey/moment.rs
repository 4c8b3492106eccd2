//! Moments of a journey: the world and everyone outside, to go back to and to compare.

use std::cell::RefCell;
use std::rc::Rc;

use ports::memory::Snapshot;

use super::Journey;
use crate::outside;
use crate::system::Entry;

/// Everything there is at one moment. What follows from it is always the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    /// What we hold.
    pub world: Snapshot,
    /// What others hold.
    pub outside: outside::World,
}

/// What came in, and the moment just before it.
pub type Tape = Rc<RefCell<Vec<(Moment, Entry)>>>;

impl Journey {
    /// Everything there is now.
    #[must_use]
    pub fn moment(&self) -> Moment {
        let world = self.system.world.snapshot();
        Moment { world, outside: self.outside.borrow().clone() }
    }

    /// Goes back to a moment, of this journey or of another one.
    pub fn goes_back_to(&mut self, moment: &Moment) {
        self.system.world.restore(moment.world.clone());
        self.outside.replace(moment.outside.clone());
        self.system.dead_letters.clear();
        self.refusals.clear();
    }

    /// Writes down all that comes in from now on.
    pub fn records(&mut self) -> Tape {
        let tape = Tape::default();
        let (written, outside) = (Rc::clone(&tape), Rc::clone(&self.outside));
        self.system.watch = Some(Box::new(move |world, entry| {
            let moment = Moment { world: world.snapshot(), outside: outside.borrow().clone() };
            written.borrow_mut().push((moment, entry.clone()));
        }));
        tape
    }
}
