package io.recant.jobs.bench;

import io.recant.spark.step.Seeds;
import java.io.Serializable;
import java.util.SplittableRandom;

/** Edits that leave a text what it was: two letters of a word swapped, or one left out. */
record SmallEdits(long seed) implements Serializable {

  /** The text with so many edits; the same for the same key. Digits are left alone. */
  String edited(String text, int edits, long key) {
    SplittableRandom random = new SplittableRandom(Seeds.derive(seed, "edits/" + key));
    StringBuilder edited = new StringBuilder(text);
    for (int done = 0, tries = 0; done < edits && tries < 1000; tries++) {
      int at = random.nextInt(edited.length() - 1);
      char here = edited.charAt(at);
      char next = edited.charAt(at + 1);
      if (Character.isLetter(here) && Character.isLetter(next) && here != next) {
        edited.deleteCharAt(at);
        if (random.nextBoolean()) {
          edited.insert(at + 1, here);
        }
        done++;
      }
    }
    return edited.toString();
  }
}
