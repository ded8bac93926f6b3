package io.sparsescope.agent.events;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Percentage;
import jdk.jfr.StackTrace;

/** What one tensor held in one sampled run. */
@Name("io.sparsescope.Sample")
@Label("Sparsity sample")
@Category("Sparsescope")
@Description("Zeros among the elements of a layer's activation in one sampled run of its model")
@Enabled(false)
@StackTrace(false)
final class SampleEvent extends Event {
  @Label("Model")
  String model;

  @Label("Arm")
  @Description("Arm of a live experiment that ran the model, empty where there is none")
  String arm;

  @Label("Layer")
  String layer;

  @Label("Tensor")
  String tensor;

  @Label("Elements")
  long elements;

  @Label("Zeros")
  long zeros;

  @Label("NaN")
  @Description("Elements that are NaN; they are not zeros")
  long nan;

  @Label("Sparsity")
  @Percentage
  float sparsity;
}
