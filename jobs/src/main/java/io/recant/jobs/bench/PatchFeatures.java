package io.recant.jobs.bench;

import io.recant.core.error.InputException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.apache.commons.math3.stat.correlation.Covariance;
import org.apache.spark.ml.clustering.KMeans;
import org.apache.spark.ml.clustering.KMeansModel;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * Vectors of small pictures that no label has touched: patches of 6 x 6 pixels, whitened, compared
 * with the centres of their k-means clusters, the excess over a threshold averaged over each
 * quarter of the picture (Coates, Lee, Ng: An analysis of single-layer networks in unsupervised
 * feature learning, AISTATS 2011).
 */
final class PatchFeatures implements Serializable {

  private static final long serialVersionUID = 1L;
  private static final int PATCH = 6;
  private static final int VALUES = PATCH * PATCH * 3;
  private static final int STRIDE = 2;
  private static final int CENTRES = 128;
  private static final int SAMPLE = 40_000;
  private static final double CONTRAST = 10;
  private static final double WHITENING = 0.1;
  private static final float THRESHOLD = 0.5f;

  /** [value of a patch][centre]. */
  private final float[][] projection;

  private final float[] mean;

  private PatchFeatures(float[][] projection, float[] mean) {
    this.projection = projection;
    this.mean = mean;
  }

  /** Learns the patches of some pictures, each as a file's bytes. */
  static PatchFeatures learn(SparkSession spark, List<byte[]> pictures, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[][] patches = new double[SAMPLE][];
    for (int i = 0; i < SAMPLE; i++) {
      int[][][] picture = pixels(pictures.get(random.nextInt(pictures.size())));
      patches[i] =
          patch(
              picture,
              random.nextInt(picture.length - PATCH + 1),
              random.nextInt(picture[0].length - PATCH + 1));
    }
    RealMatrix rows = new Array2DRowRealMatrix(patches, false);
    double[] mean = new double[VALUES];
    for (double[] patch : patches) {
      for (int d = 0; d < VALUES; d++) {
        mean[d] += patch[d] / SAMPLE;
      }
    }
    EigenDecomposition eigen = new EigenDecomposition(new Covariance(rows).getCovarianceMatrix());
    RealMatrix scaled = eigen.getV().copy();
    for (int c = 0; c < VALUES; c++) {
      double factor = 1 / Math.sqrt(Math.max(0, eigen.getRealEigenvalue(c)) + WHITENING);
      scaled.setColumnVector(c, scaled.getColumnVector(c).mapMultiply(factor));
    }
    RealMatrix whitening = scaled.multiply(eigen.getVT());
    List<Row> white = new ArrayList<>(SAMPLE);
    for (double[] patch : patches) {
      for (int d = 0; d < VALUES; d++) {
        patch[d] -= mean[d];
      }
      white.add(RowFactory.create(Vectors.dense(whitening.operate(patch))));
    }
    return projected(whitening, mean, centres(spark, white, seed));
  }

  private static Vector[] centres(SparkSession spark, List<Row> white, long seed) {
    StructType schema = new StructType().add("features", SQLDataTypes.VectorType());
    KMeansModel model =
        new KMeans()
            .setK(CENTRES)
            .setDistanceMeasure("cosine")
            .setSeed(seed)
            .setMaxIter(10)
            .fit(spark.createDataFrame(white, schema));
    return model.clusterCenters();
  }

  private static PatchFeatures projected(RealMatrix whitening, double[] mean, Vector[] centres) {
    float[][] projection = new float[VALUES][centres.length];
    for (int c = 0; c < centres.length; c++) {
      double norm = Math.max(1e-9, Vectors.norm(centres[c], 2));
      double[] direction = whitening.operate(centres[c].toArray());
      for (int d = 0; d < VALUES; d++) {
        projection[d][c] = (float) (direction[d] / norm);
      }
    }
    float[] means = new float[VALUES];
    for (int d = 0; d < VALUES; d++) {
      means[d] = (float) mean[d];
    }
    return new PatchFeatures(projection, means);
  }

  /** The vector of a picture: four quarters times two signs times {@value #CENTRES} numbers. */
  float[] of(byte[] file) {
    int[][][] picture = pixels(file);
    int centres = projection[0].length;
    int down = (picture.length - PATCH) / STRIDE + 1;
    int across = (picture[0].length - PATCH) / STRIDE + 1;
    float[] features = new float[4 * 2 * centres];
    float[] likeness = new float[centres];
    for (int r = 0; r < down; r++) {
      for (int c = 0; c < across; c++) {
        compare(patch(picture, r * STRIDE, c * STRIDE), likeness);
        int quarter = 2 * centres * ((2 * r < down ? 0 : 2) + (2 * c < across ? 0 : 1));
        for (int k = 0; k < centres; k++) {
          features[quarter + k] += Math.max(0, likeness[k] - THRESHOLD);
          features[quarter + centres + k] += Math.max(0, -likeness[k] - THRESHOLD);
        }
      }
    }
    for (int i = 0; i < features.length; i++) {
      features[i] /= down * across / 4f;
    }
    return features;
  }

  private void compare(double[] patch, float[] likeness) {
    Arrays.fill(likeness, 0);
    for (int d = 0; d < VALUES; d++) {
      float value = (float) patch[d] - mean[d];
      float[] weights = projection[d];
      for (int k = 0; k < likeness.length; k++) {
        likeness[k] += value * weights[k];
      }
    }
  }

  /** A patch, its brightness taken out and its contrast made alike. */
  private static double[] patch(int[][][] picture, int top, int left) {
    double[] patch = new double[VALUES];
    double sum = 0;
    double squares = 0;
    int d = 0;
    for (int r = 0; r < PATCH; r++) {
      for (int c = 0; c < PATCH; c++) {
        for (int colour : picture[top + r][left + c]) {
          patch[d++] = colour;
          sum += colour;
          squares += (double) colour * colour;
        }
      }
    }
    double mean = sum / VALUES;
    double contrast = Math.sqrt(Math.max(0, squares / VALUES - mean * mean) + CONTRAST);
    for (int i = 0; i < VALUES; i++) {
      patch[i] = (patch[i] - mean) / contrast;
    }
    return patch;
  }

  private static int[][][] pixels(byte[] file) {
    try {
      BufferedImage image = ImageIO.read(new ByteArrayInputStream(file));
      if (image == null || image.getHeight() < PATCH || image.getWidth() < PATCH) {
        throw new InputException("not a picture of at least 6 x 6 pixels that Java can read");
      }
      int[][][] pixels = new int[image.getHeight()][image.getWidth()][];
      for (int r = 0; r < pixels.length; r++) {
        for (int c = 0; c < pixels[r].length; c++) {
          int rgb = image.getRGB(c, r);
          pixels[r][c] = new int[] {rgb >> 16 & 255, rgb >> 8 & 255, rgb & 255};
        }
      }
      return pixels;
    } catch (IOException e) {
      throw new InputException("cannot read a picture: " + e.getMessage(), e);
    }
  }
}
