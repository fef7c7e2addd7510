export { type BeanstalkdOptions, parseBeanstalkdUrl } from './backends/beanstalkd/connection/address';
export { beanstalkdBackend } from './backends/beanstalkd/beanstalkd-backend';
