package io.recant.ml.safetensors;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.recant.core.error.InputException;

/**
 * One tensor as a header describes it.
 *
 * @param name its key
 * @param type its element type
 * @param shape its dimensions; none for a scalar
 * @param begin first byte, counted from the end of the header
 * @param end the byte after the last
 */
public record TensorInfo(String name, DataType type, Shape shape, long begin, long end) {

  /** Bytes of its data. */
  public long bytes() {
    return end - begin;
  }

  /**
   * The element type of a dtype's name in the format.
   *
   * @throws InputException when DJL has no such type
   */
  static DataType parse(String dtype, String where) {
    return switch (dtype) {
      case "F64" -> DataType.FLOAT64;
      case "F32" -> DataType.FLOAT32;
      case "F16" -> DataType.FLOAT16;
      case "BF16" -> DataType.BFLOAT16;
      case "I64" -> DataType.INT64;
      case "I32" -> DataType.INT32;
      case "I8" -> DataType.INT8;
      case "U8" -> DataType.UINT8;
      case "BOOL" -> DataType.BOOLEAN;
      default -> throw new InputException(where + ": dtype '" + dtype + "' is not supported");
    };
  }

  /** A dtype's name in the format. */
  static String write(DataType type) {
    return switch (type) {
      case FLOAT64 -> "F64";
      case FLOAT32 -> "F32";
      case FLOAT16 -> "F16";
      case BFLOAT16 -> "BF16";
      case INT64 -> "I64";
      case INT32 -> "I32";
      case INT8 -> "I8";
      case UINT8 -> "U8";
      case BOOLEAN -> "BOOL";
      default -> throw new IllegalArgumentException("safetensors cannot hold " + type);
    };
  }
}
