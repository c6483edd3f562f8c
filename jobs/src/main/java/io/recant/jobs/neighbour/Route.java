package io.recant.jobs.neighbour;

import io.recant.core.vector.Point;
import java.io.Serializable;

/**
 * Where rows lie and where they look. Slots lie in groups, and the slots of one group are searched
 * by one task.
 */
interface Route extends Serializable {

  /** The slots a point looks into, from the nearest; the first is the one it lies in. */
  int[] slots(Point point);

  /** The group of a slot. */
  int group(int slot);

  /** How many groups there are. */
  int groups();
}
