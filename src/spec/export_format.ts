/** A form that an image can be exported in. */
export type ExportFormat =
  | "oci-archive"
  | "oci-dir"
  | "docker-archive"
  | "rootfs-tar";

/** All of them, the default first. */
export const EXPORT_FORMATS: readonly [ExportFormat, ...ExportFormat[]] = [
  "oci-archive",
  "oci-dir",
  "docker-archive",
  "rootfs-tar",
];
