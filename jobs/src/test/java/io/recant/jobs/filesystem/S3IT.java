package io.recant.jobs.filesystem;

import java.net.URI;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.gaul.s3proxy.S3Proxy;
import org.jclouds.ContextBuilder;
import org.jclouds.blobstore.BlobStoreContext;
import org.jclouds.blobstore.TransientApiMetadata;

/** A run on S3, as Hadoop's own settings have it: nothing is set but where it is. */
class S3IT extends FilesystemContract {

  private static final String BUCKET = "bucket";

  private BlobStoreContext blobs;
  private S3Proxy server;

  @Override
  String begin(Path scratch, Configuration hadoop) throws Exception {
    blobs =
        ContextBuilder.newBuilder(new TransientApiMetadata())
            .credentials("anyone", "any")
            .build(BlobStoreContext.class);
    blobs.getBlobStore().createContainerInLocation(null, BUCKET);
    server =
        S3Proxy.builder()
            .blobStore(blobs.getBlobStore())
            .endpoint(URI.create("http://127.0.0.1:0"))
            .build();
    server.start();
    hadoop.set("fs.s3a.endpoint", "http://127.0.0.1:" + server.getPort());
    hadoop.set("fs.s3a.endpoint.region", "us-east-1");
    hadoop.set("fs.s3a.path.style.access", "true");
    hadoop.set("fs.s3a.access.key", "anyone");
    hadoop.set("fs.s3a.secret.key", "any");
    // The server does not know the headers of Amazon's own way to upload a file.
    hadoop.set("fs.s3a.optimized.copy.from.local.enabled", "false");
    hadoop.set("fs.s3a.buffer.dir", scratch.resolve("s3a").toString());
    return "s3a://" + BUCKET + "/data";
  }

  @Override
  void end() throws Exception {
    server.stop();
    blobs.close();
  }
}
