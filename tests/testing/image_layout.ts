import type { TestImage } from "./image_builder.ts";

/** Writes an OCI image layout with one image under a name, for `skopeo copy oci:DIR:NAME`. */
export async function writeImageLayout(
  dir: string,
  image: TestImage,
  name = "latest",
): Promise<void> {
  await Deno.mkdir(dir, { recursive: true });
  await Deno.writeTextFile(
    `${dir}/oci-layout`,
    `{"imageLayoutVersion":"1.0.0"}`,
  );
  for (const { descriptor, bytes } of [...image.documents, ...image.blobs]) {
    const [algorithm = "", hex = ""] = descriptor.digest.split(":");
    await Deno.mkdir(`${dir}/blobs/${algorithm}`, { recursive: true });
    await Deno.writeFile(`${dir}/blobs/${algorithm}/${hex}`, bytes);
  }
  const annotations = { "org.opencontainers.image.ref.name": name };
  const index = {
    schemaVersion: 2,
    manifests: [{ ...image.root.descriptor, annotations }],
  };
  await Deno.writeTextFile(`${dir}/index.json`, JSON.stringify(index));
}
