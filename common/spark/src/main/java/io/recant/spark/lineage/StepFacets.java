package io.recant.spark.lineage;

import io.openlineage.client.OpenLineage;
import io.openlineage.spark.api.AbstractInputDatasetBuilder;
import io.openlineage.spark.api.CustomFacetBuilder;
import io.openlineage.spark.api.DatasetFactory;
import io.openlineage.spark.api.OpenLineageContext;
import io.openlineage.spark.api.OpenLineageEventHandlerFactory;
import io.recant.spark.observe.Activity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.Collection;
import java.util.List;
import java.util.Properties;
import java.util.function.BiConsumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.sql.types.StructType;
import scala.PartialFunction;

/**
 * What we add to the lineage that OpenLineage's listener reports, where a user has configured it:
 *
 * <ul>
 *   <li>the run facet {@code recant} with {@code run}, {@code step} and {@code config_hash}, the
 *       hash that stands in the step's manifest;
 *   <li>the files that a step reads by its configuration as inputs of all it runs: our line readers
 *       are not known to the listener, which sees only what Spark's own sources read.
 * </ul>
 *
 * The listener finds this class through its service file; without the listener nobody loads it, and
 * nothing of OpenLineage has to be there. A job is told by its local properties, so jobs of other
 * programs in the same application stay as they are.
 */
public final class StepFacets implements OpenLineageEventHandlerFactory {

  /** The name of our facet. */
  public static final String FACET = "recant";

  @Override
  public Collection<CustomFacetBuilder<?, ? extends OpenLineage.RunFacet>> createRunFacetBuilders(
      OpenLineageContext context) {
    return List.of(new StepFacet(context.getOpenLineage()));
  }

  @Override
  @SuppressWarnings({"unchecked", "rawtypes"})
  public Collection<PartialFunction<Object, List<OpenLineage.InputDataset>>>
      createInputDatasetBuilder(OpenLineageContext context) {
    return List.of((PartialFunction) new ConfiguredInputs(context));
  }

  private static String property(SparkListenerJobStart job, String key) {
    Properties properties = job.properties();
    return properties == null ? null : properties.getProperty(key);
  }

  private static final class StepFacet
      extends CustomFacetBuilder<SparkListenerJobStart, OpenLineage.RunFacet> {

    private final OpenLineage openLineage;

    StepFacet(OpenLineage openLineage) {
      this.openLineage = openLineage;
    }

    @Override
    protected void build(
        SparkListenerJobStart job, BiConsumer<String, ? super OpenLineage.RunFacet> add) {
      String step = property(job, Activity.STEP);
      if (step != null) {
        OpenLineage.RunFacet facet = openLineage.newRunFacet();
        facet.getAdditionalProperties().put("run", property(job, Activity.RUN));
        facet.getAdditionalProperties().put("step", step);
        facet.getAdditionalProperties().put("config_hash", property(job, Activity.CONFIG_HASH));
        add.accept(FACET, facet);
      }
    }
  }

  private static final class ConfiguredInputs
      extends AbstractInputDatasetBuilder<SparkListenerJobStart> {

    ConfiguredInputs(OpenLineageContext context) {
      super(context);
    }

    @Override
    public Collection<OpenLineage.InputDataset> apply(SparkListenerJobStart job) {
      String paths = property(job, Activity.PATHS);
      return paths == null ? List.of() : paths.lines().map(this::uri).map(this::dataset).toList();
    }

    private OpenLineage.InputDataset dataset(URI uri) {
      return DatasetFactory.input(context).getDataset(uri, new StructType());
    }

    private URI uri(String text) {
      Path path = new Path(text);
      Configuration hadoop = context.getSparkContext().orElseThrow().hadoopConfiguration();
      try {
        // Only what names no filesystem needs one to be told where it lies.
        return path.toUri().getScheme() != null
            ? path.toUri()
            : FileSystem.get(hadoop).makeQualified(path).toUri();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
