package io.recant.jobs.detect;

import io.recant.core.label.TrainingDynamics;
import java.io.Serializable;

/**
 * A sample that models trained on.
 *
 * @param id its candidate id
 * @param shard its shard
 * @param given the label it was given
 * @param dynamics what training did
 */
record TrainedOn(String id, int shard, String given, TrainingDynamics dynamics)
    implements Serializable {}
