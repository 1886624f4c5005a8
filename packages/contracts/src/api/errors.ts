import { z } from 'zod';

/** HTTP status of every error our own API answers with, by its `type`. */
export const errorStatus = {
  BadRequestError: 400,
  UnauthorizedError: 401,
  ForbiddenError: 403,
  NotFoundError: 404,
  MethodNotAllowedError: 405,
  NotAcceptableError: 406,
  ConflictError: 409,
  PayloadTooLargeError: 413,
  UnsupportedMediaTypeError: 415,
  UnprocessableEntityError: 422,
  TooManyRequestsError: 429,
  InternalServerError: 500,
  NotImplementedError: 501,
  PrometheusQueryError: 502,
  GrafanaError: 502,
  EventsQueryError: 502,
  BadGatewayError: 502,
  ServiceUnavailableError: 503,
  GatewayTimeoutError: 504,
} as const;

/** The closed list of error types. */
export type ErrorType = keyof typeof errorStatus;

/** One problem inside an error: which field, and what would be right. */
export const errorDetailSchema = z.object({
  field: z.string().optional().meta({ description: 'Name of the parameter, or path in the body' }),
  message: z.string().meta({ description: 'What is wrong with it' }),
});
export type ErrorDetail = z.infer<typeof errorDetailSchema>;

/** The one envelope of every error, the gateway's own included. `code` equals the HTTP status. */
export const errorSchema = z.object({
  object: z.literal('error').meta({ description: 'Always `error`' }),
  code: z.int().meta({ description: 'The HTTP status', example: 404 }),
  type: z
    .enum(Object.keys(errorStatus) as [ErrorType, ...ErrorType[]])
    .meta({ description: 'What went wrong, for programs', example: 'NotFoundError' }),
  message: z
    .string()
    .meta({ description: 'What went wrong, for people', example: 'Cluster not found' }),
  details: z
    .array(errorDetailSchema)
    .optional()
    .meta({ description: 'Each problem of a request that is wrong' }),
  request_id: z.string().meta({ description: 'Names the request in our logs' }),
});
export type ErrorBody = z.infer<typeof errorSchema>;
