/** One HTTP request of an AWS client, read to its end. */
export type AwsRequest = {
  readonly method: string;
  readonly host: string;
  /** Still percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
};

export type AwsReply = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Somebody on the way answers in AWS's place, so there is no request id of AWS. */
  readonly foreign?: true;
};

/** What a request asks for, in the words of IAM, and how to do it. */
export type Operation = {
  /** For example `sns:Publish`. */
  readonly action: string;
  /** The ARN that IAM checks the action against, or `*`. */
  readonly resource: string;
  /** Whose it is, where that is not the account of the caller's credentials: the account of a role that is assumed. */
  readonly account?: string | undefined;
  perform(): AwsReply | Promise<AwsReply>;
};

/** An AWS service as the sandbox speaks it. */
export type Service = {
  /** Undefined for what the sandbox does not know. */
  operation(request: AwsRequest): Operation | undefined;
  /** An error in the service's own XML. */
  error(status: number, code: string, message: string): AwsReply;
  /** The service's own way to say "too many requests" and "not authorized". */
  readonly throttled: AwsReply;
  denied(action: string, resource: string): AwsReply;
};
