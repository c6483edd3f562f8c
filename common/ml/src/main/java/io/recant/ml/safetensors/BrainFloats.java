package io.recant.ml.safetensors;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;

/**
 * A float32 tensor written in bfloat16: the upper half of each number's bits, rounded to the
 * nearest and, of two as near, to the even one, as PyTorch rounds. Done here, because DJL 0.35.1
 * cannot: its PyTorch engine ends the process when an array is to become bfloat16.
 *
 * @param wide the tensor; its bytes come in pieces of whole numbers
 */
record BrainFloats(SafetensorsWriter.Source wide) implements SafetensorsWriter.Source {

  @Override
  public DataType type() {
    return DataType.BFLOAT16;
  }

  @Override
  public Shape shape() {
    return wide.shape();
  }

  @Override
  public void writeTo(WritableByteChannel channel) throws IOException {
    wide.writeTo(new Narrowing(channel));
  }

  /** The bits of a number in bfloat16; NaN stays NaN. */
  static short narrow(float number) {
    int bits = Float.floatToRawIntBits(number);
    if (Float.isNaN(number)) {
      return (short) (bits >>> 16 | 0x40);
    }
    int upToEven = 0x7fff + (bits >>> 16 & 1);
    return (short) (bits + upToEven >>> 16);
  }

  /** Passes float32 on as bfloat16; closing it closes nothing. */
  private record Narrowing(WritableByteChannel target) implements WritableByteChannel {

    @Override
    public int write(ByteBuffer given) throws IOException {
      ByteBuffer numbers = given.slice().order(ByteOrder.LITTLE_ENDIAN);
      ByteBuffer narrow =
          ByteBuffer.allocate(numbers.remaining() / 2).order(ByteOrder.LITTLE_ENDIAN);
      while (numbers.hasRemaining()) {
        narrow.putShort(narrow(numbers.getFloat()));
      }
      narrow.flip();
      while (narrow.hasRemaining()) {
        target.write(narrow);
      }
      int written = given.remaining();
      given.position(given.limit());
      return written;
    }

    @Override
    public boolean isOpen() {
      return target.isOpen();
    }

    @Override
    public void close() {}
  }
}
