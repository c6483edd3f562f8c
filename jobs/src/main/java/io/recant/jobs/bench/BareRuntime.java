package io.recant.jobs.bench;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.recant.core.error.StepException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The bundled embedding model without Recant, Spark and DJL's engine: tokenizer, session, and as
 * many threads as there are cores, each with every so-many-th batch of texts of like length.
 */
final class BareRuntime implements AutoCloseable {

  private static final String MODEL = "/all-minilm-l6-v2-q";
  private static final int MAX_TOKENS = 256;

  private final int threads;
  private final int batchSize;
  private final ExecutorService pool;
  private final HuggingFaceTokenizer tokenizer;
  private final OrtSession session;

  BareRuntime(int threads, int batchSize) {
    this.threads = threads;
    this.batchSize = batchSize;
    pool = Executors.newFixedThreadPool(threads);
    try (InputStream onnx = BareRuntime.class.getResourceAsStream(MODEL + ".onnx");
        InputStream json = BareRuntime.class.getResourceAsStream(MODEL + "-tokenizer.json");
        OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      tokenizer =
          HuggingFaceTokenizer.newInstance(
              json,
              Map.of(
                  "padding", "false",
                  "truncation", "true",
                  "maxLength", Integer.toString(MAX_TOKENS)));
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      session = OrtEnvironment.getEnvironment().createSession(onnx.readAllBytes(), options);
    } catch (IOException | OrtException e) {
      pool.shutdown();
      throw new StepException("cannot load the embedding model", e);
    }
  }

  /** Computes and drops the vectors of texts. */
  void embed(List<String> texts) {
    Encoding[] encodings = tokenizer.batchEncode(texts);
    List<Encoding> byLength = new ArrayList<>(List.of(encodings));
    byLength.sort(Comparator.comparingInt(encoding -> encoding.getIds().length));
    List<Future<?>> running = new ArrayList<>();
    for (int thread = 0; thread < threads; thread++) {
      int first = thread * batchSize;
      running.add(
          pool.submit(
              () -> {
                for (int i = first; i < byLength.size(); i += threads * batchSize) {
                  batch(byLength.subList(i, Math.min(byLength.size(), i + batchSize)));
                }
                return null;
              }));
    }
    for (Future<?> future : running) {
      try {
        future.get();
      } catch (ExecutionException e) {
        throw new StepException("the runtime failed", e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new StepException("interrupted", e);
      }
    }
  }

  private void batch(List<Encoding> batch) throws OrtException {
    int length = batch.get(batch.size() - 1).getIds().length;
    Map<String, OnnxTensor> inputs = new HashMap<>();
    try {
      for (String name : session.getInputNames()) {
        long[] values = new long[batch.size() * length];
        for (int i = 0; i < batch.size(); i++) {
          long[] source = input(name, batch.get(i));
          System.arraycopy(source, 0, values, i * length, source.length);
        }
        inputs.put(
            name,
            OnnxTensor.createTensor(
                OrtEnvironment.getEnvironment(),
                LongBuffer.wrap(values),
                new long[] {batch.size(), length}));
      }
      try (OrtSession.Result result = session.run(inputs)) {
        float[] states = new float[((OnnxTensor) result.get(0)).getFloatBuffer().remaining()];
        ((OnnxTensor) result.get(0)).getFloatBuffer().get(states);
      }
    } finally {
      inputs.values().forEach(OnnxTensor::close);
    }
  }

  private static long[] input(String name, Encoding encoding) {
    return switch (name) {
      case "input_ids" -> encoding.getIds();
      case "attention_mask" -> encoding.getAttentionMask();
      default -> encoding.getTypeIds();
    };
  }

  @Override
  public void close() {
    pool.shutdownNow();
    tokenizer.close();
    try {
      session.close();
    } catch (OrtException e) {
      throw new StepException("cannot free the embedding model", e);
    }
  }
}
